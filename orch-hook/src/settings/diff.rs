//! What an edit would change, as a unified diff.

use std::path::Path;

/// Returns the diff, empty when nothing changes.
pub(super) fn unified(path: &Path, before: &str, after: &str) -> String {
    let name = path.display().to_string();
    similar::TextDiff::from_lines(before, after).unified_diff().context_radius(3).header(&name, &name).to_string()
}
