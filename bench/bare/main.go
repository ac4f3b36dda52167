// Command bare is PocketBase without our code: its default driver settings (or synchronous=FULL, with BARE_FULL=1),
// a plain chat schema whose rules use a back-relation, and no hooks. The benchmark compares our server with it.
package main

import (
	"encoding/json"
	"log"
	"os"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/spf13/cobra"
	_ "modernc.org/sqlite"

	"carecollective/bench/stage"
)

func main() {
	config := pocketbase.Config{}
	if os.Getenv("BARE_FULL") != "" {
		config.DBConnect = connectFull
	}
	app := pocketbase.NewWithConfig(config)
	app.RootCmd.AddCommand(&cobra.Command{
		Use: "stage PLAN", Short: "make the schema and what the plan says", Args: cobra.ExactArgs(1),
		Run: func(_ *cobra.Command, args []string) { // PocketBase drops the error of RunE
			if err := makeStage(app, args[0]); err != nil {
				log.Fatal(err)
			}
		},
	})
	if err := app.Start(); err != nil {
		log.Fatal(err)
	}
}

// connectFull is core.DefaultDBConnect with durable commits.
func connectFull(path string) (*dbx.DB, error) {
	synchronous := "FULL"
	if strings.HasSuffix(path, "auxiliary.db") {
		synchronous = "NORMAL"
	}
	return dbx.Open("sqlite", path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"+
		"&_pragma=journal_size_limit(200000000)&_pragma=synchronous("+synchronous+")&_pragma=foreign_keys(ON)"+
		"&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)")
}

func makeStage(app core.App, plan string) error {
	var p stage.Plan
	if err := json.Unmarshal([]byte(plan), &p); err != nil {
		return err
	}
	if err := app.RunAllMigrations(); err != nil {
		return err
	}
	if err := makeSchema(app); err != nil {
		return err
	}
	made, err := p.Make(app, maker{})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(made)
}

// makeSchema makes conversations, their participants and messages; who takes part sees them.
func makeSchema(app core.App) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	conversations := core.NewBaseCollection("conversations")
	conversations.Fields.Add(&core.TextField{Name: "title"}, &core.AutodateField{Name: "created", OnCreate: true})
	if err := app.Save(conversations); err != nil {
		return err
	}
	participants := core.NewBaseCollection("conversation_participants")
	participants.Fields.Add(
		&core.RelationField{Name: "conversation", CollectionId: conversations.Id, MaxSelect: 1, Required: true},
		&core.RelationField{Name: "user", CollectionId: users.Id, MaxSelect: 1, Required: true},
	)
	participants.Indexes = types.JSONArray[string]{
		"CREATE UNIQUE INDEX idx_participants ON conversation_participants (conversation, user)",
		"CREATE INDEX idx_participants_user ON conversation_participants (user)",
	}
	participants.ListRule = types.Pointer("user = @request.auth.id")
	if err := app.Save(participants); err != nil {
		return err
	}
	conversations.ListRule = types.Pointer("conversation_participants_via_conversation.user ?= @request.auth.id")
	conversations.ViewRule = conversations.ListRule
	if err := app.Save(conversations); err != nil {
		return err
	}
	messages := core.NewBaseCollection("messages")
	messages.Fields.Add(
		&core.RelationField{Name: "conversation", CollectionId: conversations.Id, MaxSelect: 1, Required: true},
		&core.RelationField{Name: "sender", CollectionId: users.Id, MaxSelect: 1, Required: true},
		&core.TextField{Name: "content", Required: true},
		&core.AutodateField{Name: "created", OnCreate: true},
	)
	messages.Indexes = types.JSONArray[string]{"CREATE INDEX idx_messages ON messages (conversation, created)"}
	const takesPart = "conversation.conversation_participants_via_conversation.user ?= @request.auth.id"
	messages.ListRule, messages.ViewRule = types.Pointer(takesPart), types.Pointer(takesPart)
	messages.CreateRule = types.Pointer("sender = @request.auth.id && " + takesPart)
	return app.Save(messages)
}

type maker struct{}

func (maker) Talk(app core.App, a, b string) (string, error) {
	conversation, err := save(app, "conversations", map[string]any{})
	if err != nil {
		return "", err
	}
	for _, user := range []string{a, b} {
		if _, err := save(app, "conversation_participants", map[string]any{"conversation": conversation, "user": user}); err != nil {
			return "", err
		}
	}
	return conversation, nil
}

func (maker) Fill(app core.App, conversation, a, b string, n int) error {
	start := time.Now().Add(-time.Duration(n) * time.Second)
	for i := range n {
		sender := a
		if i%2 == 1 {
			sender = b
		}
		_, err := app.DB().Insert("messages", dbx.Params{
			"id": core.GenerateDefaultRandomId(), "conversation": conversation, "sender": sender,
			"content": "Shall I bring the groceries on Thursday?",
			"created": start.Add(time.Duration(i) * time.Second).UTC().Format(types.DefaultDateLayout),
		}).Execute()
		if err != nil {
			return err
		}
	}
	return nil
}

func save(app core.App, collection string, fields map[string]any) (string, error) {
	c, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return "", err
	}
	record := core.NewRecord(c)
	record.Load(fields)
	err = app.Save(record)
	return record.Id, err
}
