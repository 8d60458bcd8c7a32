//! The parts of OTLP's messages that are read, for both encodings at once; all other fields are skipped.
//!
//! Field numbers are those of opentelemetry-proto 1.x. A value is one of its kinds; here each kind is a field that may be there,
//! which is the same on the wire.

use serde::Deserialize;

use super::field::{attributes, count, float, or_default, whole};

/// Numbers of the fields that lead from a request of `/v1/logs` to its records.
pub(super) const LOG_TAGS: [u32; 3] = [1, 2, 2];
/// The same in JSON.
pub(super) const LOG_KEYS: [&str; 3] = ["resourceLogs", "scopeLogs", "logRecords"];
/// Numbers of the fields that lead from a request of `/v1/metrics` to its metrics.
pub(super) const METRIC_TAGS: [u32; 3] = [1, 2, 2];
/// The same in JSON.
pub(super) const METRIC_KEYS: [&str; 3] = ["resourceMetrics", "scopeMetrics", "metrics"];

/// One event.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct LogRecord {
    /// When it happened, nanoseconds.
    #[prost(fixed64, tag = "1")]
    #[serde(deserialize_with = "count")]
    pub(super) time_unix_nano: u64,
    /// Its name, with the client's as a prefix.
    #[prost(message, optional, tag = "5")]
    pub(super) body: Option<AnyValue>,
    #[prost(message, repeated, tag = "6")]
    #[serde(deserialize_with = "attributes")]
    pub(super) attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
pub(super) struct KeyValue {
    #[prost(string, tag = "1")]
    pub(super) key: String,
    #[prost(message, optional, tag = "2")]
    pub(super) value: Option<AnyValue>,
}

/// A value of one of the simple kinds; empty when it is of another.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
pub(super) struct AnyValue {
    #[prost(string, optional, tag = "1")]
    #[serde(rename = "stringValue")]
    pub(super) text: Option<String>,
    #[prost(int64, optional, tag = "3")]
    #[serde(rename = "intValue", deserialize_with = "whole")]
    pub(super) whole: Option<i64>,
    #[prost(double, optional, tag = "4")]
    #[serde(rename = "doubleValue", deserialize_with = "float")]
    pub(super) float: Option<f64>,
}

/// One metric; it has points of one kind.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metric {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(message, optional, tag = "5")]
    pub(super) gauge: Option<Points>,
    #[prost(message, optional, tag = "7")]
    pub(super) sum: Option<Points>,
    #[prost(message, optional, tag = "9")]
    pub(super) histogram: Option<Points>,
    #[prost(message, optional, tag = "10")]
    pub(super) exponential_histogram: Option<Points>,
    #[prost(message, optional, tag = "11")]
    pub(super) summary: Option<Points>,
}

#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Points {
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "or_default")]
    pub(super) data_points: Vec<Point>,
}

/// A point is counted, not read.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
pub(super) struct Point {}

impl Metric {
    /// Returns how many points it has.
    pub(super) fn points(&self) -> u64 {
        let kinds = [&self.gauge, &self.sum, &self.histogram, &self.exponential_histogram, &self.summary];
        kinds.into_iter().flatten().map(|points| points.data_points.len() as u64).sum()
    }
}
