//! Where the items of a component are after some were removed and others added.

/// The new places of the items of one kind, by their old ones.
#[derive(Default)]
pub struct IndexSpace {
    items: Vec<Item>,
    kept: u32,
}

struct Item {
    /// `None` for what has none of WASI's names.
    name: Option<String>,
    /// `None` for what was removed.
    new: Option<u32>,
}

impl IndexSpace {
    pub fn keep(&mut self, name: Option<String>) {
        let new = Some(self.kept);
        self.items.push(Item { name, new });
        self.kept += 1;
    }

    pub fn cut(&mut self, name: impl Into<String>) {
        let name = Some(name.into());
        self.items.push(Item { name, new: None });
    }

    /// The name of a removed item.
    pub fn gone(&self, index: u32) -> Option<&str> {
        let item = self.items.get(index as usize)?;
        item.name.as_deref().filter(|_| item.new.is_none())
    }

    /// The number of old items so far.
    pub fn len(&self) -> u32 {
        self.items.len() as u32
    }

    pub fn name(&self, index: u32) -> Option<&str> {
        self.items.get(index as usize)?.name.as_deref()
    }

    /// The new index, and a note in `touched` if there is none.
    pub fn look_up(&self, index: u32, touched: &mut Option<String>) -> u32 {
        match self.items.get(index as usize) {
            Some(Item { new: Some(new), .. }) => *new,
            Some(Item { name, new: None }) => {
                touched.get_or_insert_with(|| name.clone().unwrap_or_default());
                0
            }
            None => index,
        }
    }
}

/// The new places of items that are never removed, but may move. Those in the future have none.
#[derive(Default)]
pub struct Moves {
    places: Vec<Option<u32>>,
    count: u32,
}

impl Moves {
    /// The next old item has the next place.
    pub fn push(&mut self) {
        self.places.push(Some(self.count));
        self.count += 1;
    }

    /// The next old item gets its place later.
    pub fn postpone(&mut self) {
        self.places.push(None);
    }

    /// An item that is new takes the next place.
    pub fn add(&mut self) -> u32 {
        self.count += 1;
        self.count - 1
    }

    pub fn settle(&mut self, old: u32, new: u32) {
        self.places[old as usize] = Some(new);
    }

    /// The number of old items so far.
    pub fn len(&self) -> u32 {
        self.places.len() as u32
    }

    pub fn look_up(&self, old: u32) -> Option<u32> {
        self.places.get(old as usize).copied().flatten()
    }
}
