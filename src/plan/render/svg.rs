//! The plan as a picture, drawn by the layout library behind this one function.

use layout::backends::svg::SVGWriter;
use layout::gv::{DotParser, GraphBuilder};

use super::RenderError;
use super::dot;
use crate::plan::Plan;

pub(super) fn render(plan: &Plan) -> Result<String, RenderError> {
    let source = dot::render(plan);
    let tree = DotParser::new(&source).process().map_err(RenderError::Drawing)?;
    let mut builder = GraphBuilder::new();
    builder.visit_graph(&tree);
    let mut graph = builder.get();
    let mut writer = SVGWriter::new();
    graph.do_it(false, false, false, &mut writer);
    Ok(writer.finalize())
}
