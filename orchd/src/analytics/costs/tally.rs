//! Sums under names, as they come row by row.

use std::collections::HashMap;

/// Values under names. Finding the name that the row before had costs one comparison, and rows mostly come in runs.
#[derive(Debug)]
pub(super) struct Tally<V> {
    values: Vec<(String, V)>,
    places: HashMap<String, usize>,
    last: usize,
}

impl<V> Default for Tally<V> {
    fn default() -> Self {
        Self { values: Vec::new(), places: HashMap::new(), last: 0 }
    }
}

impl<V: Default> Tally<V> {
    /// Returns the place of a name, and its value.
    pub(super) fn at(&mut self, name: &str) -> (usize, &mut V) {
        if self.values.get(self.last).is_none_or(|(last, _)| last != name) {
            self.last = self.places.get(name).copied().unwrap_or_else(|| {
                self.places.insert(name.to_owned(), self.values.len());
                self.values.push((name.to_owned(), V::default()));
                self.values.len() - 1
            });
        }
        (self.last, &mut self.values[self.last].1)
    }

    /// Returns all, each at its place.
    pub(super) fn into_values(self) -> Vec<(String, V)> {
        self.values
    }
}
