//! Kinds over a real socket, and a soak of the schedule.

mod schedule;
mod wire;
