//! The daemon of AI Orchestration Analytics: a library with a thin `main.rs`.

pub mod analytics;
pub mod api;
pub mod cli;
pub mod config;
pub mod control;
mod csv;
pub mod daemon;
mod demo;
pub mod doctor;
pub mod error;
pub mod export;
pub mod fold;
pub mod histogram;
pub mod ingest;
pub mod instance;
pub mod ledger;
pub mod local_model;
pub mod logging;
pub mod metrics;
pub mod pricing;
pub mod service;
pub mod status_line;
pub mod store;
pub mod telemetry;
pub mod transcript;
pub mod updates;
pub mod view;
