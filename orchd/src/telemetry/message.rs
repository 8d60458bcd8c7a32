//! The parts of OTLP's messages that are read, for both encodings at once; all other fields are skipped.
//!
//! Field numbers are those of opentelemetry-proto 1.x. A value is one of its kinds; here each kind is a field that may be there,
//! which is the same on the wire.

use serde::{Deserialize, Deserializer};

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
    #[serde(deserialize_with = "or_default")]
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

/// A number as JSON has it: 64-bit integers stand in quotes, and clients forget that.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(i64),
    Float(f64),
    Text(String),
}

impl Number {
    fn whole(&self) -> Option<i64> {
        match self {
            Self::Whole(number) => Some(*number),
            Self::Float(number) => whole_of(*number),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

/// Returns a float that is a whole number; floats beyond 2^53 are none.
pub(super) fn whole_of(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<Number>::deserialize(from)?.and_then(|number| number.whole()))
}

fn count<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    Ok(whole(from)?.and_then(|number| u64::try_from(number).ok()).unwrap_or(0))
}

fn float<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Ok(Option::<Number>::deserialize(from)?.and_then(|number| match number {
        #[expect(clippy::cast_precision_loss, reason = "it stands where a float is due")]
        Number::Whole(number) => Some(number as f64),
        Number::Float(number) => Some(number),
        Number::Text(text) => text.trim().parse().ok(),
    }))
}

/// JSON's null stands for what a field is without a value.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}
