package routes

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/refusal"
)

// blockOther answers POST /conversations/{id}/block. Blocking again changes nothing.
func blockOther(e *core.RequestEvent) error {
	err := e.App.RunInTransaction(func(txApp core.App) error {
		other, standing, err := otherOf(txApp, id(e), e.Auth.Id)
		if err != nil || standing != nil {
			return err
		}
		block, err := collections.NewBlock(txApp, e.Auth.Id, other)
		if err != nil {
			return err
		}
		return txApp.Save(block)
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"blocked": true})
}

// unblockOther answers DELETE /conversations/{id}/block.
func unblockOther(e *core.RequestEvent) error {
	err := e.App.RunInTransaction(func(txApp core.App) error {
		_, standing, err := otherOf(txApp, id(e), e.Auth.Id)
		if err != nil || standing == nil {
			return err
		}
		return txApp.Delete(standing)
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"blocked": false})
}

// otherOf returns the other member of a direct conversation that the caller sees, and the caller's block of them.
func otherOf(app core.App, conversation, member string) (string, *collections.Block, error) {
	own, err := collections.FindParticipant(app, conversation, member)
	if err != nil {
		return "", nil, err
	}
	c, err := collections.FindConversation(app, conversation)
	if err != nil {
		return "", nil, err
	}
	if c == nil || !own.Sees() {
		return "", nil, refusal.NotFound()
	}
	if !c.Direct() {
		return "", nil, refusal.Policy(refusal.NotAllowed)
	}
	other := c.Other(member)
	block, err := collections.FindBlock(app, member, other)
	return other, block, err
}
