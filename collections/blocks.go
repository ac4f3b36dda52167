package collections

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
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
	return store.Typed(AsBlock)(store.FindOne(app, Blocks, dbx.HashExp{"blocker": blocker, "blocked": blocked}))
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

// Frozen is what the blocked member knows of the blocker's reading in a conversation.
func (b *Block) Frozen(conversation string) Watermark {
	marks := map[string]Watermark{}
	_ = b.UnmarshalJSONField("watermarks", &marks) // an empty column means no watermark
	return marks[conversation]
}
