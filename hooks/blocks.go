package hooks

import (
	"net/http"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/bind"
	"carecollective/messaging"
	"carecollective/refusal"
)

func registerBlocks(app core.App) {
	app.OnRecordCreateRequest(collections.Blocks).Bind(bind.Handler("user_blocks.create.request", prepareBlock))
	app.OnRecordCreateExecute(collections.Blocks).Bind(bind.Handler("user_blocks.create.freeze", freeze))
	app.OnRecordDeleteExecute(collections.Blocks).Bind(bind.Handler("user_blocks.delete.tell", announceToBlocker))
}

// prepareBlock lets the caller block a member. A repeated block is answered with the existing one.
func prepareBlock(e *core.RecordRequestEvent) error {
	if e.HasSuperuserAuth() {
		return refusal.Policy(refusal.NotAllowed)
	}
	keepClientFields(e.Record)
	e.Record.Set(collections.FieldBlocker, e.Auth.Id)
	blocked := e.Record.GetString(collections.FieldBlocked)
	if blocked == e.Auth.Id {
		return refusal.Field("blocked", refusal.InvalidValue, "You can't block yourself.")
	}
	if answered, err := answerBlock(e, blocked); answered || err != nil {
		return err
	}
	err := e.Next()
	if err == nil {
		return nil
	}
	if answered, blockErr := answerBlock(e, blocked); answered || blockErr != nil {
		return blockErr // two at once: the other one was stored
	}
	return err
}

// answerBlock answers with the caller's existing block, if there is one.
func answerBlock(e *core.RecordRequestEvent, blocked string) (bool, error) {
	standing, err := collections.FindBlock(e.App, e.Auth.Id, blocked)
	if err != nil || standing == nil {
		return false, err
	}
	if err := apis.EnrichRecord(e.RequestEvent, standing.ProxyRecord()); err != nil {
		return true, err
	}
	return true, e.JSON(http.StatusOK, standing)
}

// freeze ends the two members' contact exchanges for the blocker, and freezes what the blocked member knows.
func freeze(e *core.RecordEvent) error {
	block := collections.AsBlock(e.Record)
	if err := messaging.FreezeWatermarks(e.App, block); err != nil {
		return err
	}
	if err := messaging.EndContactsFor(e.App, block.Blocker(), block.Blocked()); err != nil {
		return err
	}
	return announceToBlocker(e)
}

// announceToBlocker announces the changed conversations with the other member to the blocker's devices.
func announceToBlocker(e *core.RecordEvent) error {
	block := collections.AsBlock(e.Record)
	if err := e.Next(); err != nil {
		return err
	}
	return messaging.AnnounceSides(e.App, block.Blocker(), block.Blocked())
}
