//! The known projects, for the filter.

use serde::Serialize;
use utoipa::ToSchema;

/// Every known project.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProjectList {
    /// [`super::SCHEMA`].
    pub schema: u32,
    /// By name.
    pub items: Vec<ProjectItem>,
}

/// One project.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProjectItem {
    /// Last part of the directory.
    pub project: String,
    /// The directory: pass it as `project`.
    pub project_dir: String,
}
