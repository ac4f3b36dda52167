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

// Freeze keeps what the blocked one knows of the blocker's reading: from now on it does not move for them.
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

// Frozen is what the blocked one knows of the blocker's reading in a conversation.
func (b *Block) Frozen(conversation string) Watermark {
	marks := map[string]Watermark{}
	_ = b.UnmarshalJSONField("watermarks", &marks) // an empty column is no watermark
	return marks[conversation]
}

// BlockersOf finds which of users have blocked the member.
func BlockersOf(app core.App, blocked string, users []string) ([]string, error) {
	return blockPairs(app, "blocker", dbx.And(dbx.HashExp{"blocked": blocked}, dbx.In("blocker", list(users)...)))
}

// BlockedBy finds which of users the member has blocked.
func BlockedBy(app core.App, blocker string, users []string) ([]string, error) {
	return blockPairs(app, "blocked", dbx.And(dbx.HashExp{"blocker": blocker}, dbx.In("blocked", list(users)...)))
}

func blockPairs(app core.App, column string, where dbx.Expression) ([]string, error) {
	var ids []string
	if err := app.DB().Select(column).From(Blocks).Where(where).Column(&ids); err != nil {
		return nil, fmt.Errorf("find blocks: %w", err)
	}
	return ids, nil
}

// Apart finds those in a conversation between whom and the member there is a block, in either direction.
func Apart(app core.App, member, conversation string) ([]string, error) {
	participants, err := FindParticipants(app, conversation)
	if err != nil {
		return nil, err
	}
	var users []string
	for _, p := range participants {
		if p.User() != member {
			users = append(users, p.User())
		}
	}
	blockers, err := BlockersOf(app, member, users)
	if err != nil {
		return nil, err
	}
	blocked, err := BlockedBy(app, member, users)
	return append(blockers, blocked...), err
}
