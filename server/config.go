package server

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"carecollective/guard"
	"carecollective/notifications/wording"
)

// The doors that [Config.Unlock] can open, all closed by default.
const (
	DoorBatch       = guard.Batch
	DoorSQL         = guard.SQL
	DoorImpersonate = guard.Impersonate
	DoorAccounts    = guard.Accounts
	DoorSchema      = guard.Schema
)

// Defaults are what PocketBase starts with: its data in the working directory, and its dev mode, which prints queries
// and links, never on without being asked for (PocketBase takes a binary under $TMPDIR for one in development).
func Defaults() pocketbase.Config {
	return pocketbase.Config{
		DefaultDataDir:       "./pb_data",
		DefaultDev:           false,
		DefaultEncryptionEnv: settingsKeyEnv,
		DBConnect:            connecting(os.Getenv(replicaEnv) != ""),
	}
}

// Config is everything that an operator decides at the start of the program. It is read once, from flags and environment.
// Settings that can change while the server runs are in the collection messaging_settings instead.
type Config struct {
	KeysDir        string         // where the sealing keys are
	Unlock         []string       // the doors opened on purpose
	TrustedProxies []netip.Prefix // whose address headers are believed
	Replica        string         // the folder that the database is copied to, or empty
	Outward        *http.Client   // calls what others have chosen to be called; nil for the guarded one, which all but tests use

	// Words is what is said to members; nil for the languages that the program comes with, which all but tests use.
	Words *wording.Catalogue
}

// ReadConfig adds our flags to root and reads them from args already here, because hooks and keys need them before
// cobra runs a command. Flags of the commands themselves are skipped; cobra judges them later.
func ReadConfig(root *cobra.Command, dataDir string, args []string) (Config, error) {
	flags := root.PersistentFlags()
	keys := flags.String("keys", os.Getenv("CARECOLLECTIVE_KEYS"),
		"the directory of the sealing keys (default pb_keys beside the data directory; env CARECOLLECTIVE_KEYS)")
	unlock := flags.String("unlock", "", "doors to open, separated by commas: "+strings.Join(guard.Doors(), ", "))
	proxies := flags.String("trusted-proxies", "",
		"addresses or CIDR ranges of the reverse proxies whose address headers are trusted, separated by commas")
	if err := root.ParseFlags(args); err != nil && !errors.Is(err, pflag.ErrHelp) {
		return Config{}, err
	}

	keysDir, err := keysDirectory(*keys, dataDir)
	if err != nil {
		return Config{}, err
	}
	opened, err := parseDoors(*unlock)
	if err != nil {
		return Config{}, err
	}
	trusted, err := parseProxies(*proxies)
	if err != nil {
		return Config{}, err
	}
	return Config{KeysDir: keysDir, Unlock: opened, TrustedProxies: trusted, Replica: os.Getenv(replicaEnv)}, nil
}

func keysDirectory(chosen, dataDir string) (string, error) {
	if chosen != "" {
		return filepath.Abs(chosen)
	}
	data, err := filepath.Abs(dataDir)
	if err != nil {
		return "", fmt.Errorf("find the data directory: %w", err)
	}
	return filepath.Join(filepath.Dir(data), "pb_keys"), nil
}

func parseDoors(list string) ([]string, error) {
	opened := split(list)
	for _, door := range opened {
		if !slices.Contains(guard.Doors(), door) {
			return nil, fmt.Errorf("--unlock: unknown door %q, expected one of %s", door, strings.Join(guard.Doors(), ", "))
		}
	}
	return opened, nil
}

func parseProxies(list string) ([]netip.Prefix, error) {
	var trusted []netip.Prefix
	for _, item := range split(list) {
		prefix, err := netip.ParsePrefix(item)
		if err != nil {
			address, addressErr := netip.ParseAddr(item)
			if addressErr != nil {
				return nil, fmt.Errorf("--trusted-proxies: %q is not an address or a range such as 10.0.0.0/8", item)
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		trusted = append(trusted, prefix.Masked())
	}
	return trusted, nil
}

func split(list string) []string {
	var items []string
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
