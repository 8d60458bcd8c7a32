//! A bar that says how far an import is: bytes, their rate, and how long it will take. On a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What stands on the line.
const LINE: &str =
    "reading transcripts {wide_bar} {decimal_bytes} of {decimal_total_bytes} {decimal_bytes_per_sec} {eta}";

/// The bar; gone with [`Bar::clear`].
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(wanted: bool) -> Self {
        // It hides itself where stderr is no terminal.
        let target = if wanted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        Self(match ProgressStyle::with_template(LINE) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        })
    }

    pub(super) fn show(&self, done: u64, all: u64) {
        if all > 0 {
            self.0.set_length(all);
            self.0.set_position(done);
        }
    }

    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
