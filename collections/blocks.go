package collections

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Block is one member's block of another, who is not told.
type Block struct{ core.BaseRecordProxy }

// AsBlock reads record, a row of user_blocks.
func AsBlock(record *core.Record) *Block {
	b := &Block{}
	b.SetProxyRecord(record)
	return b
}

// NewBlock makes a block without saving it.
func NewBlock(app core.App, blocker, blocked string) (*Block, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Blocks)
	if err != nil {
		return nil, err
	}
	b := AsBlock(core.NewRecord(collection))
	b.Set("blocker", blocker)
	b.Set("blocked", blocked)
	return b, nil
}

// FindBlock finds the block of blocked by blocker; nil when there is none.
func FindBlock(app core.App, blocker, blocked string) (*Block, error) {
	return typed(AsBlock)(one(app, Blocks, dbx.HashExp{"blocker": blocker, "blocked": blocked}))
}

// Blocker is the member who blocks.
func (b *Block) Blocker() string { return b.GetString("blocker") }

// Blocked is the member who is blocked.
func (b *Block) Blocked() string { return b.GetString("blocked") }

// Watermark is how far a member has read and received, as far as another may know it.
type Watermark struct {
	Read      int `json:"read"`
	Delivered int `json:"delivered"`
}

// Freeze stores what the blocked member knows of the blocker's reading: for them it does not change from now on.
func (b *Block) Freeze(app core.App) error {
	ids, err := conversationsOf(app, b.Blocker(), b.Blocked())
	if err != nil {
		return fmt.Errorf("find shared conversations: %w", err)
	}
	marks := map[string]Watermark{}
	for _, id := range ids {
		p, err := FindParticipant(app, id, b.Blocker())
		if err != nil {
			return err
		}
		marks[id] = p.Shared()
	}
	b.Set("watermarks", marks)
	return nil
}

// Frozen is what the blocked member knows of the blocker's reading in a conversation.
func (b *Block) Frozen(conversation string) Watermark {
	marks := map[string]Watermark{}
	_ = b.UnmarshalJSONField("watermarks", &marks) // an empty column means no watermark
	return marks[conversation]
}

// KeepFromBlockers hides a message from those who have blocked its sender: in a direct conversation only the sender sees it,
// in a group it is a tombstone for them.
func (s *Situation) KeepFromBlockers(m *Message) {
	switch {
	case !s.Conversation.Direct():
		m.WithholdFrom(s.Blockers)
	case len(s.Blockers) > 0:
		m.KeepFor(m.Sender())
	}
}
