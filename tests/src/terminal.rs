//! A terminal of a test's own.

use std::fs::File;
use std::io::Read;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// A terminal, with nobody at its keyboard.
#[derive(Debug)]
pub struct Terminal {
    controller: File,
    name: String,
}

impl Terminal {
    /// Makes one.
    ///
    /// # Panics
    ///
    /// When the system gives none.
    #[must_use]
    pub fn new() -> Self {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&controller).and_then(|()| unlockpt(&controller)).expect("an own terminal");
        let name = ptsname(&controller, Vec::new()).expect("it has a name").into_string().expect("plain");
        Self { controller: controller.into(), name }
    }

    /// The side of it that a program has.
    ///
    /// # Panics
    ///
    /// When it does not open.
    #[must_use]
    pub fn open(&self) -> File {
        File::options().read(true).write(true).open(&self.name).expect("it opens")
    }

    /// What was said on it since the last look; waits where nothing was.
    ///
    /// # Panics
    ///
    /// When nobody has it open any more.
    #[must_use]
    pub fn seen(&mut self) -> String {
        let mut seen = vec![0; 1 << 16];
        let count = self.controller.read(&mut seen).expect("something was said");
        String::from_utf8_lossy(&seen[..count]).into_owned()
    }
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new()
    }
}
