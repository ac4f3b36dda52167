package commands

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"carecollective/collections"
	"carecollective/outbox"
)

// secretPrefix begins the secret of a webhook, as Standard Webhooks has it.
const secretPrefix = "whsec_"

// Channel returns the command that manages operators' webhooks and chats. chatHost returns the host of the
// URL of a chat, or says why it is invalid.
func Channel(app core.App, chatHost func(address string) (string, error)) *cobra.Command {
	command := &cobra.Command{
		Use:   "channel",
		Short: "Manages the programs and chats that are notified of reports and help requests",
	}
	command.AddCommand(addChannel(app, chatHost), listChannels(app), removeChannel(app), testChannel(app))
	return command
}

func addChannel(app core.App, chatHost func(string) (string, error)) *cobra.Command {
	var events []string
	command := &cobra.Command{
		Use:         "add webhook|chat NAME ADDRESS",
		Short:       "Adds a channel; prints the secret of a webhook, which is shown only once",
		Args:        cobra.ExactArgs(3),
		Annotations: map[string]string{NeedsData: "yes"},
		RunE: func(command *cobra.Command, args []string) error {
			host, secret, err := checkChannel(args[0], args[2], chatHost)
			if err != nil {
				return err
			}
			for _, event := range events {
				if !slices.Contains([]string{collections.EventReport, collections.EventHelpRequest}, event) {
					return fmt.Errorf("unknown event %q: choose report, help_request or both", event)
				}
			}
			c, err := collections.NewOperatorChannel(app, args[0], args[1], host, args[2], secret, events)
			if err != nil {
				return err
			}
			if err := app.Save(c); err != nil {
				return fmt.Errorf("save the channel: %w", err)
			}
			if secret != "" {
				_, err = fmt.Fprintln(command.OutOrStdout(), secret)
			} else {
				_, err = fmt.Fprintf(command.OutOrStdout(), "%s gets notifications from now on.\n", args[1])
			}
			return err
		},
	}
	command.Flags().StringSliceVar(&events, "events", []string{collections.EventReport}, "events to send: report, help_request")
	return command
}

// checkChannel finds the host of an address, and makes the secret of a webhook.
func checkChannel(kind, address string, chatHost func(string) (string, error)) (host, secret string, err error) {
	switch kind {
	case collections.ChannelChat:
		host, err = chatHost(address)
		return host, "", err
	case collections.ChannelWebhook:
		parsed, err := url.Parse(address)
		if err != nil || parsed.Scheme != "https" || parsed.Hostname() == "" || (parsed.Port() != "" && parsed.Port() != "443") {
			return "", "", errors.New("a webhook URL must begin with https:// and use the default port")
		}
		key := make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return "", "", err
		}
		return strings.ToLower(parsed.Hostname()), secretPrefix + base64.StdEncoding.EncodeToString(key), nil
	}
	return "", "", fmt.Errorf("a channel is a webhook or a chat, not a %q", kind)
}

func listChannels(app core.App) *cobra.Command {
	return &cobra.Command{
		Use:         "list",
		Short:       "Lists the channels, without their secrets",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{NeedsData: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			channels, err := collections.FindOperatorChannels(app)
			for _, c := range channels {
				if _, err := fmt.Fprintf(command.OutOrStdout(), "%s\t%s\t%s\t%s\n", c.Name(), c.Kind(), c.Host(), strings.Join(c.Events(), ",")); err != nil {
					return err
				}
			}
			return err
		},
	}
}

func removeChannel(app core.App) *cobra.Command {
	return &cobra.Command{
		Use:         "remove NAME",
		Short:       "Removes one",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{NeedsData: "yes"},
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := channelNamed(app, args[0])
			if err != nil {
				return err
			}
			return app.Delete(c)
		},
	}
}

func testChannel(app core.App) *cobra.Command {
	return &cobra.Command{
		Use:         "test NAME",
		Short:       "Sends a test notification through the running server",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{NeedsData: "yes"},
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := channelNamed(app, args[0])
			if err != nil {
				return err
			}
			return outbox.TestOperatorChannel(app, c, time.Now())
		},
	}
}

func channelNamed(app core.App, name string) (*collections.OperatorChannel, error) {
	channels, err := collections.FindOperatorChannels(app)
	if err != nil {
		return nil, err
	}
	for _, c := range channels {
		if c.Name() == name {
			return c, nil
		}
	}
	return nil, fmt.Errorf("unknown channel %q", name)
}
