package collections

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Block is one member's wish to hear no more of another, who is not told.
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

// Blocker is who blocks.
func (b *Block) Blocker() string { return b.GetString("blocker") }

// Blocked is who is blocked.
func (b *Block) Blocked() string { return b.GetString("blocked") }

// Watermark is how far a member has read and received, as another may know it.
type Watermark struct {
	Read      int `json:"read"`
	Delivered int `json:"delivered"`
}

// Freeze keeps what the blocked member knows of the blocker's reading: from now on it does not move for them.
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
	_ = b.UnmarshalJSONField("watermarks", &marks) // an empty column is no watermark
	return marks[conversation]
}

// KeepFromBlockers keeps a message from those who have blocked its sender: in a direct conversation it is the sender's alone,
// in a group a tombstone for them.
func (s *Situation) KeepFromBlockers(m *Message) {
	switch {
	case !s.Conversation.Direct():
		m.WithholdFrom(s.Blockers)
	case len(s.Blockers) > 0:
		m.KeepFor(m.Sender())
	}
}
