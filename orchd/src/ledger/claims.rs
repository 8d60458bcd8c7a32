//! Claims of one source, folded into one request each, in the order in which they were first heard of.

use std::collections::HashMap;

use super::Request;

/// Requests by the id of their response.
#[derive(Debug, Default)]
pub struct Claims {
    requests: Vec<Request>,
    by_message: HashMap<String, usize>,
}

impl Claims {
    /// Takes a claim in.
    pub fn add(&mut self, claim: Request) {
        let Some(id) = &claim.message_id else { return self.requests.push(claim) };
        if let Some(&place) = self.by_message.get(id) {
            self.requests[place].merge(claim);
        } else {
            self.by_message.insert(id.clone(), self.requests.len());
            self.requests.push(claim);
        }
    }

    /// How many requests there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// Returns the requests and starts anew.
    pub fn take(&mut self) -> Vec<Request> {
        self.by_message.clear();
        std::mem::take(&mut self.requests)
    }
}
