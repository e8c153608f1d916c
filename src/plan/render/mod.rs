//! The plan for people and for drawing programs.

mod dot;
mod grid;
mod merges;
mod mermaid;
mod policies;
mod svg;
mod text;

use super::graph::Plan;

/// A form in which a plan can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// What a manager reads aloud before a release.
    Text,
    /// The plan itself.
    Json,
    /// Graphviz.
    Dot,
    /// Mermaid, for Markdown pages.
    Mermaid,
    /// A picture.
    Svg,
}

/// Why a plan could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The plan does not become JSON.
    #[error("failed to write the plan as JSON")]
    Json(#[from] serde_json::Error),
}

/// The plan in this form. The same plan gives the same bytes.
///
/// # Errors
/// When the plan does not become JSON, of which its digest is made.
pub fn render(plan: &Plan, format: Format) -> Result<String, RenderError> {
    match format {
        Format::Text => Ok(text::render(plan)?),
        Format::Json => Ok(plan.to_json()? + "\n"),
        Format::Dot => Ok(dot::render(plan)),
        Format::Mermaid => Ok(mermaid::render(plan)),
        Format::Svg => Ok(svg::render(plan)?),
    }
}
