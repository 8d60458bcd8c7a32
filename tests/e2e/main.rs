//! The end-to-end tests: the two real programs, a real socket, a home of their own each.
//!
//! One binary on purpose: it links once. Tests that measure wall time take [`e2e_tests::exclusive::alone`], all others
//! [`e2e_tests::exclusive::shared`].

mod attack_payloads;
mod client_costs;
mod daemon_down;
mod delegate;
mod delegate_faults;
mod delegate_records;
mod delegate_settings;
mod environment;
mod export;
mod guards;
mod half_frame;
mod hook_faults;
mod hook_to_page;
mod http_cases;
mod import;
mod import_faults;
mod install;
mod ipc_cases;
mod kill_loop;
mod local_model;
mod local_model_cases;
mod mcp;
mod mcp_registration;
mod report;
mod router;
mod service;
mod stale_socket;
mod statusline;
mod stop;
mod tail;
mod telemetry;
mod telemetry_settings;
mod two_daemons;
mod version_skew;
