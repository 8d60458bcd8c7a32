//! Costs that were not known and are now: a price came with an update, or from the user's own file.

use crate::pricing::PriceTable;
use crate::store::{LedgerBatch, Reader, StoreError, Writer, unpriced_models, unpriced_requests};

/// Requests priced in one transaction.
const TOGETHER: i64 = 512;

/// Prices what is recorded without a cost and has a price by now; returns how many requests that were. Costs that are known
/// stay as they are.
pub async fn price_unknown(reader: &Reader, writer: &Writer, prices: &PriceTable) -> Result<u64, StoreError> {
    let mut count = 0;
    for (model, last_at) in reader.look(unpriced_models).await? {
        if prices.find(&model, last_at).is_none() {
            continue;
        }
        let mut from_seq = 0;
        loop {
            let of = model.clone();
            let found = reader.look(move |conn| unpriced_requests(conn, (&of, from_seq, TOGETHER))).await?;
            let Some((last, _)) = found.last() else { break };
            from_seq = last + 1;
            let requests = found.into_iter().map(|(_, mut request)| {
                request.price(prices);
                request
            });
            let requests: Vec<_> = requests.filter(|request| request.cost_nano_usd.is_some()).collect();
            count += requests.len() as u64;
            writer.record_now(LedgerBatch { requests, ..LedgerBatch::default() }).await?;
        }
    }
    Ok(count)
}
