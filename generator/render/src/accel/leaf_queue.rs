//! Leaves that a ray has entered and that wait to be tested.
//!
//! A leaf of hair is rarely in the cache and rarely hit. So leaves are only asked for when their
//! boxes are entered, and tested eight at a time when their memory has had time to come. They
//! are written down without branches, since how many a node adds cannot be predicted.

use super::build::WIDTH;

/// Set bits of every byte, lowest first; then zeros.
static SET_BITS: [[u8; WIDTH]; 256] = {
    let mut table = [[0; WIDTH]; 256];
    let mut bits = 0;
    while bits < table.len() {
        let (mut n_set, mut bit) = (0, 0);
        while bit < WIDTH {
            if bits >> bit & 1 != 0 {
                table[bits][n_set] = bit as u8;
                n_set += 1;
            }
            bit += 1;
        }
        bits += 1;
    }
    table
};

/// Indices of up to 15 leaves, in the order of their coming.
pub(super) struct LeafQueue {
    leaves: [u32; 2 * WIDTH],
    len: usize,
}

impl LeafQueue {
    /// A queue of nothing.
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self {
            leaves: [0; 2 * WIDTH],
            len: 0,
        }
    }

    /// Appends `first` plus the number of each of the lowest eight bits that is set. Fewer than
    /// eight leaves must be waiting.
    #[inline(always)]
    pub(super) fn push(&mut self, first: u32, bits: u32) {
        let numbers = &SET_BITS[bits as usize & 0xff];
        let free = &mut self.leaves[self.len..self.len + WIDTH];
        for (leaf, &number) in free.iter_mut().zip(numbers) {
            *leaf = first.wrapping_add(u32::from(number));
        }
        self.len += bits.count_ones() as usize;
    }

    /// Whether eight leaves are waiting.
    #[inline(always)]
    pub(super) fn is_full(&self) -> bool {
        WIDTH <= self.len
    }

    /// The first eight, if there are as many.
    #[inline(always)]
    pub(super) fn first(&self) -> &[u32] {
        &self.leaves[..WIDTH]
    }

    /// Drops the first eight.
    #[inline(always)]
    pub(super) fn drop_first(&mut self) {
        self.leaves.copy_within(WIDTH.., 0);
        self.len -= WIDTH;
    }

    /// All that wait.
    #[inline(always)]
    pub(super) fn all(&self) -> &[u32] {
        &self.leaves[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_leave_in_the_order_of_their_coming() {
        let mut queue = LeafQueue::new();
        queue.push(100, 0b1010_0101);
        queue.push(7, 0);
        assert_eq!(queue.all(), [100, 102, 105, 107]);
        assert!(!queue.is_full());
        queue.push(200, 0b0000_0111);
        queue.push(300, 0b1111_1111);
        assert!(queue.is_full());
        assert_eq!(queue.first(), [100, 102, 105, 107, 200, 201, 202, 300]);
        queue.drop_first();
        assert_eq!(queue.all(), [301, 302, 303, 304, 305, 306, 307]);
        // Leaves are counted from behind the nodes among the children, so the start may be
        // below zero.
        let mut queue = LeafQueue::new();
        queue.push(2_u32.wrapping_sub(5), 0b0010_0000);
        assert_eq!(queue.all(), [2]);
    }
}
