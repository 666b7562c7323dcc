//! The blocks of a function with legacy exceptions.
//!
//! In: the function's body. Out: its blocks in the order of their beginnings, with what only later instructions tell:
//! the clauses of a `try`, the caught exceptions that are thrown again, and the target of a `delegate`.

use anyhow::{Context as _, Result};
use wasmparser::{FunctionBody, Operator};

/// The whole function, which is the first block.
pub const FUNCTION: usize = 0;

pub struct Plan {
    pub blocks: Vec<Block>,
}

#[derive(Default)]
pub struct Block {
    parent: Place,
    /// The clauses, if it is a `try`.
    pub clauses: Vec<Clause>,
    /// The place to which it delegates its exceptions.
    delegates: Option<Place>,
    /// The blocks that handle exceptions from its body, and its own.
    inside: usize,
    outside: usize,
    /// The block whose handlers get its exceptions, past those between the two.
    pub hands_over_to: Option<usize>,
    /// `true` if another block hands its exceptions over to this one.
    pub receives: bool,
}

/// A place in a block: in its body, or in one of its clauses.
#[derive(Clone, Copy, Default)]
struct Place {
    block: usize,
    in_clause: bool,
}

/// A `catch` or `catch_all`.
pub struct Clause {
    /// `None` stands for any exception.
    pub tag: Option<u32>,
    /// `true` if a `rethrow` needs the exception.
    pub keeps: bool,
}

impl Plan {
    /// Returns `None` if there is nothing to translate.
    pub fn read(body: &FunctionBody<'_>) -> Result<Option<Self>> {
        let mut reader = body.get_operators_reader()?;
        let mut blocks = vec![Block::default()];
        // The blocks that have begun and not ended.
        let mut open = vec![Place::default()];
        let mut has_legacy = false;
        while !reader.eof() {
            match reader.read()? {
                Operator::Block { .. }
                | Operator::Loop { .. }
                | Operator::If { .. }
                | Operator::TryTable { .. } => begin(&mut blocks, &mut open)?,
                Operator::Try { .. } => {
                    has_legacy = true;
                    begin(&mut blocks, &mut open)?;
                }
                Operator::Catch { tag_index } => clause(&mut blocks, &mut open, Some(tag_index))?,
                Operator::CatchAll => clause(&mut blocks, &mut open, None)?,
                Operator::Rethrow { relative_depth } => {
                    let target = at(&open, relative_depth)?;
                    // The clause that it stands in is the last one so far.
                    let clause = blocks[target.block].clauses.last_mut();
                    clause.context("`rethrow` outside of a clause")?.keeps = true;
                }
                Operator::Delegate { relative_depth } => {
                    let ended = open.pop().context("`delegate` without `try`")?;
                    blocks[ended.block].delegates = Some(at(&open, relative_depth)?);
                }
                Operator::End => drop(open.pop()),
                _ => {}
            }
        }
        if !has_legacy {
            return Ok(None);
        }
        let mut plan = Self { blocks };
        plan.resolve();
        Ok(Some(plan))
    }

    /// Finds the handlers of all blocks, from the outside to the inside.
    fn resolve(&mut self) {
        for index in FUNCTION + 1..self.blocks.len() {
            let block = &self.blocks[index];
            let outside = self.handler(block.parent);
            let inside = match block.delegates {
                Some(place) => self.handler(place),
                None if block.clauses.is_empty() => outside,
                None => index,
            };
            // Without handlers between the two, exceptions get there by themselves.
            let hands_over = block.delegates.is_some() && inside != outside;
            let block = &mut self.blocks[index];
            (block.inside, block.outside) = (inside, outside);
            if hands_over {
                block.hands_over_to = Some(inside);
                self.blocks[inside].receives = true;
            }
        }
    }

    /// The block that handles exceptions from a place: that one, or one around it.
    fn handler(&self, place: Place) -> usize {
        let block = &self.blocks[place.block];
        match place.in_clause {
            true => block.outside,
            false => block.inside,
        }
    }
}

fn begin(blocks: &mut Vec<Block>, open: &mut Vec<Place>) -> Result<()> {
    let parent = *open.last().context("code behind the end of a function")?;
    open.push(Place {
        block: blocks.len(),
        in_clause: false,
    });
    blocks.push(Block {
        parent,
        ..Block::default()
    });
    Ok(())
}

fn clause(blocks: &mut [Block], open: &mut [Place], tag: Option<u32>) -> Result<()> {
    let place = open.last_mut().context("a clause without `try`")?;
    place.in_clause = true;
    let clauses = &mut blocks[place.block].clauses;
    clauses.push(Clause { tag, keeps: false });
    Ok(())
}

/// The place in the block that a label means.
fn at(open: &[Place], label: u32) -> Result<Place> {
    let index = open.len().checked_sub(label as usize + 1);
    let place = index.and_then(|index| open.get(index));
    place.copied().context("a label that does not exist")
}
