//! What OTLP's sender reads back.

use prost::Message;

use super::Encoding;

/// `ExportLogsServiceResponse` and `ExportMetricsServiceResponse`: empty when all was taken.
#[derive(Clone, PartialEq, Message)]
struct Response {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

#[derive(Clone, PartialEq, Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    rejected_log_records: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

/// Returns the body of the answer to an accepted request of which some records could not be read.
#[must_use]
pub fn accepted(encoding: Encoding, unreadable: u64) -> Vec<u8> {
    const WHY: &str = "api_request without a readable session.id, model, time or count of tokens";
    match (encoding, unreadable) {
        (Encoding::Json, 0) => b"{}".to_vec(),
        (Encoding::Json, count) => {
            let told = serde_json::json!({ "rejectedLogRecords": count.to_string(), "errorMessage": WHY });
            serde_json::json!({ "partialSuccess": told }).to_string().into_bytes()
        }
        (Encoding::Protobuf, 0) => Vec::new(),
        (Encoding::Protobuf, count) => {
            let rejected_log_records = i64::try_from(count).unwrap_or(i64::MAX);
            let partial_success = Some(PartialSuccess { rejected_log_records, error_message: WHY.to_owned() });
            Response { partial_success }.encode_to_vec()
        }
    }
}
