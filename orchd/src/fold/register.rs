//! Values that keep the newest or the oldest writing, whatever order the writings come in.

use shared::event::Micros;

/// The value written last by its own time; of two at the same time the greater one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest<T>(Option<(Micros, T)>);

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Ord> Latest<T> {
    /// Returns a register that holds what the database knew, written at `at`.
    pub fn known(at: Micros, value: Option<T>) -> Self {
        Self(value.map(|value| (at, value)))
    }

    /// Writes; older writings than the kept one do nothing.
    pub fn set(&mut self, at: Micros, value: T) {
        if self.0.as_ref().is_none_or(|(known_at, known)| (at, &value) > (*known_at, known)) {
            self.0 = Some((at, value));
        }
    }

    /// Returns the value.
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    /// Returns when it was written.
    pub fn at(&self) -> Option<Micros> {
        self.0.as_ref().map(|&(at, _)| at)
    }
}

impl Latest<String> {
    /// Writes a borrowed text; the one that is kept already is not copied.
    pub fn set_text(&mut self, at: Micros, text: &str) {
        match &mut self.0 {
            Some((known_at, known)) if known == text => *known_at = at.max(*known_at),
            Some((known_at, known)) if (at, text) <= (*known_at, known.as_str()) => {}
            _ => self.0 = Some((at, text.to_owned())),
        }
    }
}

/// The value written first by its own time; of two at the same time the smaller one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earliest<T>(Option<(Micros, T)>);

impl<T> Default for Earliest<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Ord> Earliest<T> {
    /// Returns a register that holds what the database knew, written at `at`.
    pub fn known(at: Micros, value: Option<T>) -> Self {
        Self(value.map(|value| (at, value)))
    }

    /// Writes; newer writings than the kept one do nothing.
    pub fn set(&mut self, at: Micros, value: T) {
        if self.0.as_ref().is_none_or(|(known_at, known)| (at, &value) < (*known_at, known)) {
            self.0 = Some((at, value));
        }
    }

    /// Returns the value.
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }
}

impl Earliest<String> {
    /// Writes a borrowed text; true when the kept one changed.
    pub fn set_text(&mut self, at: Micros, text: &str) -> bool {
        match &mut self.0 {
            Some((known_at, known)) if known == text => {
                *known_at = at.min(*known_at);
                false
            }
            Some((known_at, known)) if (at, text) >= (*known_at, known.as_str()) => false,
            _ => {
                self.0 = Some((at, text.to_owned()));
                true
            }
        }
    }
}

/// Raises a maximum.
pub(super) fn raise(register: &mut Option<Micros>, at: Micros) {
    *register = Some(register.map_or(at, |known| known.max(at)));
}

/// Lowers a minimum.
pub(super) fn lower(register: &mut Option<Micros>, at: Micros) {
    *register = Some(register.map_or(at, |known| known.min(at)));
}
