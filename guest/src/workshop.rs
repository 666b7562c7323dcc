//! The surroundings of a build, which are the same for the guest, and for wheels on machines that have only the tool.

use crate::fetch::Places;
use crate::progress::Progress;
use crate::stage::Cache;

/// The cache, where sources come from, and who is told.
pub struct Workshop<'a> {
    pub cache: &'a Cache,
    pub places: &'a Places,
    pub progress: &'a dyn Progress,
}
