//! The plan for people and for drawing programs.

mod ci_tags;
mod dot;
mod drawn;
mod grid;
mod grouping;
mod matrix;
mod merges;
mod mermaid;
mod owners;
mod page;
mod policies;
mod refused;
mod requests;
mod svg;
mod tags;
mod text;

pub use self::grouping::Grouping;
use super::graph::Plan;

/// A form in which a plan can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// What a manager reads aloud before a release, on one page.
    Page,
    /// The same with every step.
    Text,
    /// The plan itself.
    Json,
    /// Graphviz.
    Dot(Grouping),
    /// Mermaid, for Markdown pages.
    Mermaid(Grouping),
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
        Format::Page => Ok(text::page(plan)?),
        Format::Text => Ok(text::render(plan)?),
        Format::Json => Ok(plan.to_json()? + "\n"),
        Format::Dot(grouping) => Ok(dot::render(plan, grouping)),
        Format::Mermaid(grouping) => Ok(mermaid::render(plan, grouping)),
        Format::Svg => Ok(svg::render(plan)?),
    }
}
