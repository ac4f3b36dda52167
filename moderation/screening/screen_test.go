package screening

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestScreenSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	for _, c := range []struct{ name, text, category, action string }{
		{"an everyday message passes", "Could someone lend us a breast pump until Friday?", "", Allow},
		{"a town passes", "I live in Scunthorpe and can drive on Sundays.", "", Allow},
		{"a mild word passes", "What the hell happened to the freezer?", "", Allow},
		{"a cry for help passes", "I keep thinking about killing myself and I don't know who to tell.", "", Allow},
		{"what somebody else said passes", `Someone wrote "kill all Muslims" on the wall, can we paint over it?`, "", Allow},
		{"an insult is looked at", "you are such a stupid bitch", Harassment, ""},
		{"a disguised insult is looked at", "you are such a b\u200bi\u200bt\u200bc\u200bh", Profanity, ""},
		{"a threat is looked at", "I will find you and kill you, you filthy immigrant", Harassment, ""},
		{"a phone number is asked about", "text me 510-555-0166 when you arrive", PersonalData, Review},
		{"an address is asked about", "Leave it at 233 Fulton Street, second door, thank you.", PersonalData, Review},
		{"a card is asked about", "card 4242 4242 4242 4242 exp 01/28", PersonalData, Review},
		{"an IBAN is asked about", "IBAN FR76 3000 6000 0112 3456 7890 189 is for the rent pot", PersonalData, Review},
		{"an e-mail address is asked about", "write to lena (at) example (dot) org", PersonalData, Review},
		{"an order number passes", "order 5745-622 is ready for pick up", "", Allow},
		{"a date passes", "case 34728/83 is on 16/10/2020", "", Allow},
		{"an advance fee is a scam", "Your grant is ready, you only have to pay the processing fee of $50 first", Scam, ""},
		{"a gift card is a scam", "Please buy five gift cards and send me the codes, I will pay you back", Scam, ""},
		{"a gift card alone passes", "I have a 25 dollar gift card for the pharmacy that I do not need.", "", Allow},
		{"an unknown host passes", "the form is at https://maple-commons.net/volunteer", "", Allow},
		{"a homograph is refused", "login at https://pаypal.com/id", SuspiciousLink, Block},
		{"a brand in front of another host is refused", "see https://www.paypal.com.secure-9306.shop/signin", SuspiciousLink, Block},
		{"a host behind an @ is refused", "go to https://google.com@evil1560.xyz/x", SuspiciousLink, Block},
		{"a shortened link is looked at", "here bit.ly/6326675", SuspiciousLink, Review},
		{"a program is looked at", "https://example.org/invoice.exe", SuspiciousLink, Review},
		{"a sentence without a space passes", "I am done.So we can go.Is that ok", "", Allow},
		{"nothing passes", "", "", Allow},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Screen(c.text)
			if c.category == "" && r.Flagged || c.category != "" && !slices.Contains(r.Categories, c.category) {
				t.Errorf("%q is %v", c.text, r.Categories)
			}
			if c.action != "" && r.SuggestedAction != c.action {
				t.Errorf("%q: %s, want %s", c.text, r.SuggestedAction, c.action)
			}
			if r.Flagged == (r.Explanation == "") {
				t.Errorf("%q is explained by %q", c.text, r.Explanation)
			}
		})
	}
}

func TestTheAddressesOfSmallOrganisationsPass(t *testing.T) {
	for host := range strings.FieldsSeq(`togethersupport.org together-support.org.uk methodist-events.org bethel-church-events.org bridge-community-support.org steameducation.org kidsteam.org dreamsteam.net swapshop.online clothes-swap-events.org
		toyswap.network stakeholdersupport.org ecosystemrestoration.org collaborative-support.net amazonwatch.org outlookhouse.org phantomtheatre.org ledgerartpress.com krakenrobotics.com solanafarms.com migrationsupport.org
		immigration-support-network.org emigratesupport.info resolvetogether.org careprotocol.info connectwithus.org eatingdisordersupport.org discardedfood.org discover-events.org bailfund.network gifts-for-seniors.org steam-engines.org apple-orchard.org
		discord.foodcoop.org whatsapp.mutualaid.org facebook.riversidefoodbank.org telegram.neighbours.net zoom.university.edu`) {
		if r := Screen("more at https://" + host + "/about"); r.Flagged {
			t.Errorf("%s is %v: %s", host, r.Categories, r.Explanation)
		}
	}
}

func TestAnAddressThatUsesAWellKnownNameIsLookedAtAndRefusedWithBait(t *testing.T) {
	for host, action := range map[string]string{
		"discord-community-rules.org": Review, "telegram-helpers.org": Review, "discord.gift-team.xyz": Block, "whatsapp.garden.top": Review,
		"amazon-verify.com": Block, "amazonlogin.net": Review, "dicsords.com": Review, "discrodgiveaway.ru": Review, "steamcomunnity.com": Review,
		"paypal-bonus1050.ru": Block, "www.irs.com.secure-9306.shop": Block, "csgo-nitro.com": Review, "wallet-bridge-sync.live": Review,
	} {
		if r := Screen("see https://" + host + "/x"); r.SuggestedAction != action {
			t.Errorf("%s: %s, want %s", host, r.SuggestedAction, action)
		}
	}
}

func TestAFindingStandsWhereItIsInTheOriginal(t *testing.T) {
	text := "Bitte, ﷺ rúf mich an: ５１０-555-0166 oder a@b.org"
	var found []string
	for _, f := range Screen(text).Findings {
		found = append(found, text[f.Start:f.End])
	}
	if got := strings.Join(found, "|"); got != "a@b.org|５１０-555-0166" {
		t.Errorf("found %q", got)
	}
}

func TestAWordAloneNeverCondemns(t *testing.T) {
	for _, word := range []string{"fuck", "nigger", "faggot", "retard", "cunt"} {
		if r := Screen(word); r.SuggestedAction == Block {
			t.Errorf("%q alone is refused", word)
		}
	}
}

func TestPersonalDataAloneIsNeverRefused(t *testing.T) {
	for _, text := range []string{"my ssn is 412-55-0198", "I live at 9 Birch Close", "DNI 17751165H", "AB613318C", "tel 06 62 67 57 51 and a@b.org and GB27 NWBK 6016 1365 3307 45"} {
		if r := Screen(text); r.SuggestedAction == Block {
			t.Errorf("%q is refused: %+v", text, r)
		}
	}
}

func TestTheOperatorsListsAreHeeded(t *testing.T) {
	s, err := New(Options{Words: []string{"Brexit"}, Hosts: []string{"example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	if r := s.Screen("what about br3xit then"); !slices.Contains(r.Categories, Profanity) || r.SuggestedAction != Review {
		t.Errorf("the word is %v, %s", r.Categories, r.SuggestedAction)
	}
	if r := s.Screen("see https://sub.example.org/x"); !slices.Contains(r.Categories, SuspiciousLink) {
		t.Errorf("the host is %v", r.Categories)
	}
	if r := Screen("what about brexit, see example.org"); r.Flagged {
		t.Errorf("without the lists it is %v", r.Categories)
	}
}

func TestABrokenModelIsRefused(t *testing.T) {
	for name, model := range map[string][]byte{"empty": nil, "cut": trained[:1000], "other": []byte(strings.Repeat("x", 5000))} {
		if _, err := Load(model, Options{}); err == nil {
			t.Errorf("an %s model is taken", name)
		}
	}
}

func TestTheModelIsSmall(t *testing.T) {
	if len(trained) > 600_000 {
		t.Errorf("the model has %d bytes", len(trained))
	}
}

func FuzzScreen(f *testing.F) {
	for _, seed := range []string{
		"hello", "you f.u.c.k", "call +1 510 555 0166", "http://user@1.2.3.4:80/x.exe", "[https://a.org](http://b.org)", "IBAN GB27NWBK60161365330745", "a (at) b (dot) c", "xn--what-43dd.com",
		"\xff.com", "1 ](( [.] hxxp", "at at dot dot at", "12 Oak St", strings.Repeat("0", 300), "\u00a0", "٣٣٣٣٣٣٣٣٣", "０１２-３４５-６７８９",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := Screen(text)
		if r.Flagged != (len(r.Findings) > 0) || r.Flagged != (len(r.Categories) > 0) || r.Flagged == (r.SuggestedAction == Allow) || r.Confidence < 0 || r.Confidence > 1 {
			t.Fatalf("%q: %+v", text, r)
		}
		for _, found := range r.Findings {
			if found.Start < 0 || found.End > len(text) || found.Start > found.End {
				t.Fatalf("%q: found from %d to %d", text, found.Start, found.End)
			}
		}
		if !utf8.ValidString(r.Explanation) {
			t.Fatalf("%q is explained by what is no text", text)
		}
	})
}

// worst are texts of 1,000 characters that take the longest.
var worst = map[string]string{
	"words":     strings.Repeat("you fucking idiots ", 53),
	"letters":   strings.Repeat("a b ", 250),
	"digits":    strings.Repeat("0791234567 ", 91),
	"phones":    strings.Repeat("5105550166 ", 91),
	"links":     strings.Repeat("paypal-x.com/a.b ", 59),
	"names":     strings.Repeat("discordo-amazonia-telegraphs-wallets-steaming-eth.fund ", 18),
	"hosts":     strings.Repeat("a.co ", 200),
	"ligatures": strings.Repeat("ﷺ", 1000),
	"hangul":    strings.Repeat("각", 1000),
	"marks":     strings.Repeat("a\u0301", 500),
	"brackets":  strings.Repeat("](", 500),
	"masks":     strings.Repeat("f*** ", 200),
	"runs":      strings.Repeat("ffuuckk ", 125),
	"ats":       strings.Repeat("a@", 500),
	"spelt":     strings.Repeat("at a dot ", 111),
	"one":       strings.Repeat("a", 1000),
	"emoji":     strings.Repeat("👩🏿", 500),
	"streets":   strings.Repeat("12 A B C ", 111),
	"cards":     strings.Repeat("4242 4242 4242 4242 ", 50),
	"mixed":     strings.Repeat("Lives at 12 Oak St, bit.ly/x ", 34),
}

// What grows faster than the text is found here: the limit is thousands of times what a thousand characters take, see
// BenchmarkWorst.
func TestNoTextTakesForeverToScreen(t *testing.T) {
	t.Parallel()
	for name, text := range worst {
		begin := time.Now()
		Screen(text)
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("1,000 characters of %s take %v", name, took)
		}
	}
}

// BenchmarkWorst screens 1,000 characters of the worst kinds, which should take less than a millisecond.
func BenchmarkWorst(b *testing.B) {
	for name, text := range worst {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Screen(text)
			}
		})
	}
}

func BenchmarkScreen(b *testing.B) {
	texts := []string{
		"Could someone lend us a breast pump until Friday? Ours broke last night.", "text me 510-555-0166 when you arrive", "you are such a stupid bitch",
		"Volunteer rota: https://docs.google.com/spreadsheets/d/9z8y7x/edit", "Necesito ropa de bebé, talla 6 meses, por favor.",
	}
	i := 0
	for b.Loop() {
		Screen(texts[i%len(texts)])
		i++
	}
}
