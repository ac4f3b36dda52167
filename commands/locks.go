package commands

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// passphraseEnv may hold the passphrase of a copy of the keys. There is no flag for it: arguments are seen by everyone on the machine.
const passphraseEnv = "CARECOLLECTIVE_PASSPHRASE"

const shortestPassphrase = 12

// locks hold the options that encrypt or decrypt a copy of the keys.
type locks struct {
	to             []string // age recipients
	recipientsFile string
	identityFile   string
	passphraseFile string
}

func (l *locks) addRecipients(flags *pflag.FlagSet) {
	flags.StringArrayVar(&l.to, "recipient", nil, "an age recipient (age1...) who can open the copy; may be given several times")
	flags.StringVar(&l.recipientsFile, "recipients-file", "", "a file of age recipients, one per line")
	flags.StringVar(&l.passphraseFile, "passphrase-file", "", "a file whose first line is the passphrase")
}

func (l *locks) addIdentities(flags *pflag.FlagSet) {
	flags.StringVar(&l.identityFile, "identity", "", "a file with the age identity (AGE-SECRET-KEY-...) that opens the copy")
	flags.StringVar(&l.passphraseFile, "passphrase-file", "", "a file whose first line is the passphrase")
}

// recipients are those who can open the copy, or the passphrase when nobody is named.
func (l *locks) recipients(command *cobra.Command) ([]age.Recipient, error) {
	if len(l.to) == 0 && l.recipientsFile == "" {
		passphrase, err := l.passphrase(command, true)
		if err != nil {
			return nil, err
		}
		if len(passphrase) < shortestPassphrase {
			return nil, fmt.Errorf("the passphrase is too short: use at least %d characters, such as five random words", shortestPassphrase)
		}
		recipient, err := age.NewScryptRecipient(passphrase)
		return []age.Recipient{recipient}, err
	}
	if l.passphraseFile != "" {
		return nil, errors.New("choose either a passphrase or recipients, not both")
	}
	var found []age.Recipient
	for _, name := range l.to {
		parsed, err := age.ParseRecipients(strings.NewReader(name))
		if err != nil {
			return nil, fmt.Errorf("--recipient: %q is not an age recipient (age1...)", name)
		}
		found = append(found, parsed...)
	}
	if l.recipientsFile == "" {
		return found, nil
	}
	f, err := os.Open(l.recipientsFile)
	if err != nil {
		return nil, fmt.Errorf("read the recipients: %w", err)
	}
	parsed, err := age.ParseRecipients(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read the recipients in %s: %w", l.recipientsFile, err)
	}
	return append(found, parsed...), nil
}

// open begins to decrypt a copy of the keys. The caller closes file.
func (l *locks) open(command *cobra.Command, path string) (archive io.Reader, file io.Closer, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the copy of the keys: %w", err)
	}
	identities, err := l.identities(command)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	archive, err = age.Decrypt(bufio.NewReader(f), identities...)
	var wrong *age.NoIdentityMatchError
	if errors.As(err, &wrong) {
		err = errors.New("wrong passphrase or identity")
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open %s: %w", path, err), f.Close())
	}
	return archive, f, nil
}

func (l *locks) identities(command *cobra.Command) ([]age.Identity, error) {
	if l.identityFile == "" {
		passphrase, err := l.passphrase(command, false)
		if err != nil {
			return nil, err
		}
		identity, err := age.NewScryptIdentity(passphrase)
		return []age.Identity{identity}, err
	}
	f, err := os.Open(l.identityFile)
	if err != nil {
		return nil, fmt.Errorf("read the identity: %w", err)
	}
	found, err := age.ParseIdentities(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read the identity in %s: %w", l.identityFile, err)
	}
	return found, nil
}

// passphrase reads it from the file, the environment or the terminal, in this order; a new one twice.
func (l *locks) passphrase(command *cobra.Command, isNew bool) (string, error) {
	if l.passphraseFile != "" {
		text, err := os.ReadFile(l.passphraseFile)
		if err != nil {
			return "", fmt.Errorf("read the passphrase: %w", err)
		}
		line, _, _ := strings.Cut(string(text), "\n")
		return filled(strings.TrimSuffix(line, "\r"))
	}
	if passphrase := os.Getenv(passphraseEnv); passphrase != "" {
		return passphrase, nil
	}
	first, err := askPassphrase(command, "Passphrase of the copy: ")
	if err != nil || !isNew {
		return first, err
	}
	second, err := askPassphrase(command, "Repeat the passphrase: ")
	if err == nil && second != first {
		err = errors.New("the passphrases do not match")
	}
	return first, err
}

func askPassphrase(command *cobra.Command, question string) (string, error) {
	terminal := int(os.Stdin.Fd())
	if !term.IsTerminal(terminal) {
		return "", fmt.Errorf("a passphrase is needed: name a file with --passphrase-file, set %s, or run this on a terminal", passphraseEnv)
	}
	if _, err := fmt.Fprint(command.ErrOrStderr(), question); err != nil {
		return "", err
	}
	text, err := term.ReadPassword(terminal)
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	if _, err := fmt.Fprintln(command.ErrOrStderr()); err != nil {
		return "", err
	}
	return filled(string(text))
}

func filled(passphrase string) (string, error) {
	if passphrase == "" {
		return "", errors.New("the passphrase is empty")
	}
	return passphrase, nil
}
