package messaging

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// FreezeWatermarks stores what the blocked member knows of the blocker's reading: for them it does not change from now on.
func FreezeWatermarks(app core.App, b *collections.Block) error {
	ids, err := collections.ConversationsOf(app, b.Blocker(), b.Blocked())
	if err != nil {
		return fmt.Errorf("find shared conversations: %w", err)
	}
	marks := map[string]collections.Watermark{}
	for _, id := range ids {
		p, err := collections.FindParticipant(app, id, b.Blocker())
		if err != nil {
			return err
		}
		marks[id] = p.Shared()
	}
	b.Set(collections.FieldWatermarks, marks)
	return nil
}

// keepFromBlockers hides a message from those who have blocked its sender: in a direct conversation only the sender sees it,
// in a group it is a tombstone for them.
func (s *Access) keepFromBlockers(m *collections.Message) {
	switch {
	case !s.Conversation.Direct():
		m.WithholdFrom(s.Blockers)
	case len(s.Blockers) > 0:
		m.KeepFor(m.Sender())
	}
}
