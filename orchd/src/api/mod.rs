//! The HTTP side: pages, REST under `/api/v1`, the stream of changes, health, metrics.
//!
//! Every request passes `guard` first, known route or not: only this machine's own user and the dashboard itself get in.
//! Handlers ask [`crate::analytics`] through the store's reader; SQL never stands here.

mod activity;
mod answers;
mod assets;
mod auth;
mod body;
mod context;
mod costs;
mod delegations;
mod documentation;
mod events;
mod export;
mod front;
mod guard;
mod health;
mod local_model;
mod login;
mod otlp;
mod overview;
mod pages;
mod params;
mod process;
mod projects;
mod prometheus;
mod reject;
mod reply;
mod router;
mod routes;
mod routing;
mod server;
mod sessions;
mod spending;
mod stream;
mod strict;
mod subagents;
mod system;
mod tasks;

pub use auth::Auth;
pub use context::{ApiContext, ImportWatch, SystemFacts};
pub use server::serve;

#[cfg(test)]
mod tests;
