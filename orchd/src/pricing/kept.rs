//! The table of prices, kept until the user's file changes.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::table::{Price, PriceTable};
use super::user_file::{PricesError, read};

/// A table of prices that follows the user's file.
#[derive(Debug)]
pub struct KeptPrices {
    file: PathBuf,
    /// With the time of change of the file that it was made from.
    kept: Mutex<Option<(Option<SystemTime>, Arc<PriceTable>)>>,
}

impl KeptPrices {
    /// Returns prices of which nothing is read yet; `file` is the user's own.
    #[must_use]
    pub fn new(file: PathBuf) -> Self {
        Self { file, kept: Mutex::default() }
    }

    /// Returns the prices, read anew when the file changed. `broken` says what to do without a file that cannot be read.
    pub fn table<E>(&self, broken: impl FnOnce(PricesError) -> Result<Vec<Price>, E>) -> Result<Arc<PriceTable>, E> {
        let changed_at = std::fs::metadata(&self.file).and_then(|file| file.modified()).ok();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, table)) = kept.as_ref().filter(|(of, _)| *of == changed_at) {
            return Ok(Arc::clone(table));
        }
        let table = Arc::new(PriceTable::new(read(&self.file).or_else(broken)?));
        *kept = Some((changed_at, Arc::clone(&table)));
        Ok(table)
    }
}
