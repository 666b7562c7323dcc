//! Finds the parts of function bodies that change when libraries become one module.
//!
//! In: a [`Parsed`] library. Out: for each of its functions the [`Site`]s, in order; everything between them can be
//! copied byte by byte. A body is decoded once, here: reachability and emission work on the sites.

use anyhow::{Context as _, Result};
use wasmparser::{BlockType, FunctionBody, Operator};

use super::parse::{FunctionSource, Parsed};

/// An instruction, or a short run of them, to replace.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// The offset in the body, which begins with the declarations of locals.
    pub start: u32,
    pub end: u32,
    pub op: SiteOp,
}

/// Indices are those of the library.
#[derive(Clone, Debug, PartialEq)]
pub enum SiteOp {
    Call(u32),
    ReturnCall(u32),
    RefFunc(u32),
    CallIndirect(u32),
    ReturnCallIndirect(u32),
    GlobalGet(u32),
    /// `global.get`, `i32.const`, `i32.add`, the first two in any order: most globals become constants.
    GlobalPlus(u32, i32),
    GlobalSet(u32),
    /// The opcode of `block`, `loop`, `if` or `try`, and a type index.
    Block(u8, u32),
    Throw(u32),
    Catch(u32),
    /// Rare ones, which are decoded again when they are written.
    Other,
}

/// Sites of each function of a library, by function index; nothing for imports.
pub type Sites = Vec<Vec<Site>>;

/// Scans all libraries, on all processors.
pub fn scan_all(libraries: &[Parsed<'_>]) -> Result<Vec<Sites>> {
    let mut work: Vec<(usize, usize, &FunctionBody<'_>)> = Vec::new();
    for (library, parsed) in libraries.iter().enumerate() {
        for (index, function) in parsed.functions.iter().enumerate() {
            if let FunctionSource::Body(body) = &function.source {
                work.push((library, index, body));
            }
        }
    }
    let mut sites: Vec<Sites> = libraries
        .iter()
        .map(|parsed| vec![Vec::new(); parsed.functions.len()])
        .collect();
    let scanned = in_parallel(&work, |&(_, _, body)| scan(body));
    for ((library, index, _), found) in work.into_iter().zip(scanned) {
        sites[library][index] = found.with_context(|| {
            format!("failed to read a function of `{}`", libraries[library].name)
        })?;
    }
    Ok(sites)
}

/// Runs `job` for each of `work`; returns the results in order.
pub fn in_parallel<T: Sync, R: Send>(work: &[T], job: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = work.len().div_ceil(threads).max(1);
    let job = &job;
    std::thread::scope(|scope| {
        let running: Vec<_> = work
            .chunks(share)
            .map(|chunk| scope.spawn(move || chunk.iter().map(job).collect::<Vec<R>>()))
            .collect();
        let finished = running.into_iter().flat_map(|thread| match thread.join() {
            Ok(results) => results,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        finished.collect()
    })
}

/// The last two instructions, as far as they may begin a sum.
#[derive(Clone, Copy)]
enum Recent {
    Global(u32),
    Const(i32),
    Neither,
}

fn scan(body: &FunctionBody<'_>) -> Result<Vec<Site>> {
    let base = body.range().start;
    let mut reader = body.get_operators_reader()?;
    let mut sites: Vec<Site> = Vec::new();
    let (mut before, mut last) = ((Recent::Neither, 0), (Recent::Neither, 0));
    while !reader.eof() {
        let start = u32::try_from(reader.original_position() - base)?;
        let operator = reader.read()?;
        let mut recent = Recent::Neither;
        let op = match operator {
            Operator::GlobalGet { global_index } => {
                recent = Recent::Global(global_index);
                Some(SiteOp::GlobalGet(global_index))
            }
            Operator::I32Const { value } => {
                recent = Recent::Const(value);
                None
            }
            Operator::I32Add => match (before.0, last.0) {
                (Recent::Global(global), Recent::Const(value))
                | (Recent::Const(value), Recent::Global(global)) => {
                    // The site of `global.get` becomes part of this one.
                    sites.pop();
                    sites.push(Site {
                        start: before.1,
                        end: u32::try_from(reader.original_position() - base)?,
                        op: SiteOp::GlobalPlus(global, value),
                    });
                    None
                }
                _ => None,
            },
            other => indexed(&other),
        };
        if let Some(op) = op {
            let end = u32::try_from(reader.original_position() - base)?;
            sites.push(Site { start, end, op });
        }
        (before, last) = (last, (recent, start));
    }
    Ok(sites)
}

/// The part to replace in an instruction that names functions, types, tags or segments.
///
/// Libraries have plain function types only ([`super::parse`] refuses others), so instructions of the GC proposal,
/// which would need a type, do not occur in valid ones.
fn indexed(operator: &Operator<'_>) -> Option<SiteOp> {
    Some(match *operator {
        Operator::Call { function_index } => SiteOp::Call(function_index),
        Operator::ReturnCall { function_index } => SiteOp::ReturnCall(function_index),
        Operator::RefFunc { function_index } => SiteOp::RefFunc(function_index),
        Operator::CallIndirect { type_index, .. } => SiteOp::CallIndirect(type_index),
        Operator::ReturnCallIndirect { type_index, .. } => SiteOp::ReturnCallIndirect(type_index),
        Operator::GlobalSet { global_index } => SiteOp::GlobalSet(global_index),
        Operator::Block { blockty } => block(0x02, blockty)?,
        Operator::Loop { blockty } => block(0x03, blockty)?,
        Operator::If { blockty } => block(0x04, blockty)?,
        Operator::Try { blockty } => block(0x06, blockty)?,
        Operator::Throw { tag_index } => SiteOp::Throw(tag_index),
        Operator::Catch { tag_index } => SiteOp::Catch(tag_index),
        Operator::TryTable { .. }
        | Operator::MemoryInit { .. }
        | Operator::DataDrop { .. }
        | Operator::CallRef { .. }
        | Operator::ReturnCallRef { .. } => SiteOp::Other,
        _ => return None,
    })
}

fn block(opcode: u8, ty: BlockType) -> Option<SiteOp> {
    match ty {
        BlockType::FuncType(ty) => Some(SiteOp::Block(opcode, ty)),
        BlockType::Empty | BlockType::Type(_) => None,
    }
}
