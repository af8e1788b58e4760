"""The kit's own function is handed in."""
import gupkit.kernel.gup

follow_page = gupkit.kernel.gup.follow_page
