package guard

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

// redactLog is the last gate before a log entry is stored: PocketBase's own entries contain subscriptions with their
// filters, addresses that mails went to and answers of mail servers that repeat them.
func redactLog(e *core.ModelEvent) error {
	entry, ok := e.Model.(*core.Log)
	if !ok {
		return e.Next()
	}
	entry.Message = redactText(entry.Message)
	data, err := redactData(entry.Data, e.App.Settings().Logs.LogIP)
	if err != nil {
		data = map[string]any{"error": "the details of this entry could not be read and were left out"}
	}
	entry.Data = data
	return e.Next()
}

// privateKeys are attributes that are never kept.
var privateKeys = []string{
	"url", "uri", "query", "filter", "expand", "fields", "subscriptions", "sub", "headers", "body", "data", "details", "meta",
	"referer", "useragent", "identity", "email", "to", "sentto", "password", "token", "authorization", "remoteip",
	"clientid", "content", "title", "text", "phone", "original", "thumb",
}

// addressKeys are attributes that the operator may choose to keep.
var addressKeys = []string{"userip"}

func redactData(data map[string]any, keepAddresses bool) (map[string]any, error) {
	raw, err := json.Marshal(data) // errors and the like take the shape in which they would be stored
	if err != nil {
		return nil, fmt.Errorf("marshal log: %w", err)
	}
	var plain map[string]any
	if err := json.Unmarshal(raw, &plain); err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	return redactMap(plain, keepAddresses), nil
}

func redactMap(data map[string]any, keepAddresses bool) map[string]any {
	kept := make(map[string]any, len(data))
	for key, value := range data {
		switch lower := strings.ToLower(key); {
		case slices.Contains(privateKeys, lower):
		case slices.Contains(addressKeys, lower):
			if keepAddresses {
				kept[key] = value
			}
		default:
			kept[redactText(key)] = redactValue(value, keepAddresses)
		}
	}
	return kept
}

func redactValue(value any, keepAddresses bool) any {
	switch v := value.(type) {
	case string:
		return redactText(v)
	case map[string]any:
		return redactMap(v, keepAddresses)
	case []any:
		for i := range v {
			v[i] = redactValue(v[i], keepAddresses)
		}
		return v
	}
	return value
}

const maxLogText = 2000

// private holds what is recognised within a text, in the order in which it is taken out.
var private = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`eyJ[\w-]+\.[\w-]+(\.[\w-]*)?`), "[token]"},
	{regexp.MustCompile(`[^\s<>"'(),;:=?&/]+(@|%40)[^\s<>"'(),;:=?&/]+`), "[e-mail]"},
	{regexp.MustCompile(`(/[\w\-./%{}]*)\?[^\s"']+`), "$1?[query]"},
	{regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b`), "[address]"},
	{regexp.MustCompile(`\[?[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){3,7}\]?(:\d+)?`), "[address]"},
}

func redactText(text string) string {
	if len(text) > maxLogText {
		text = strings.ToValidUTF8(text[:maxLogText], "") + "..."
	}
	for _, p := range private {
		text = p.pattern.ReplaceAllString(text, p.instead)
	}
	return text
}
