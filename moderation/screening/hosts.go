package screening

import (
	"strings"
)

// brand is a name that others like to pretend to be.
type brand struct {
	name     string
	plain    string // name as it is compared
	distinct bool   // whether the name is no ordinary word, so that its mere presence in another's address says something
}

var brands = makeBrands(
	"paypal venmo cashapp coinbase binance metamask trezor uniswap opensea pancakeswap trustwallet walletconnect discord discordapp steamcommunity steampowered roblox netflix "+
		"facebook instagram whatsapp telegram tiktok linkedin youtube snapchat google microsoft microsoftonline office365 icloud walmart costco wellsfargo bankofamerica citibank capitalone "+
		"americanexpress santander barclays hsbc gofundme eventbrite craigslist dropbox docusign airbnb fedex polkadot kusama ethereum collabland imtoken hypesquad epicgames minecraft "+
		"onedrive payoneer revolut moneygram westernunion playstation twitch spotify huggingface squareup doordash instacart axieinfinity",
	"apple chase irs usps ups dhl zelle target steam signal ebay visa mastercard stripe square medicare fema hud usbank pnc spotify uber lyft ssa hulu adobe zoom twitter etsy wise github blockchain ledger phantom kraken outlook amazon solana celestia arbitrum")

func makeBrands(distinct, ordinary string) []brand {
	var list []brand
	for _, name := range strings.Fields(distinct) {
		list = append(list, brand{name, alike(name), true})
	}
	for _, name := range strings.Fields(ordinary) {
		list = append(list, brand{name, alike(name), false})
	}
	return list
}

// official are addresses that contain a brand and are the brand's own, or only look like another one.
var official = set("discordapp discordstatus discordmerch steamcommunity steampowered steamstatic steamdb googleapis googleusercontent googlevideo googleblog googlesource youtubeeducation amazonaws " +
	"amazonsmile microsoftonline microsoftstore facebookmail telegraph telegra discard paypay paypalobjects paypalme venmo office365 googlemail youtubekids instagramhelp minecraftservices netflixtechblog " +
	"solaranalytics walmartlabs walmartimages dropboxusercontent dropboxforum twitchcon spotifycharts roblox robloxlabs blockchains tesco")

// shorteners hide where a link leads.
var shorteners = set("bit.ly tinyurl.com goo.su is.gd v.gd cutt.ly shorturl.at rb.gy t.ly ow.ly buff.ly tiny.cc rebrand.ly shorte.st adf.ly bl.ink short.io s.id clck.ru u.to soo.gd lnkd.in tny.im x.co qr.ae " +
	"surl.li bit.do t2m.io urlz.fr han.gl me2.kr vk.cc ouo.io bc.vc linktr.gg shrtco.de 2u.pw kutt.it dub.sh tr.im snip.ly gg.gg")

// bait are words that those who set traps like to put into an address beside a well-known name.
var bait = strings.Fields("verify verifi secur login signin account support billing update bonus giveaway reward gift free claim event academ exam tester promotion invite promo prize win skins trade offer apply exam application service helpdesk recovery " +
	"restore restor unlock refund payment alert validat confirm connect register airdrop exclusive official team vote boost drop")

// hooks are the bait that honest people seldom put into an address of their own.
var hooks = strings.Fields("verify verifi secure login signin billing bonus giveaway reward claim promo prize skins unlock refund validat confirm airdrop boost")

// lures are what hardly anyone else puts into an address, wherever it stands in it.
var lures = strings.Fields("nitro nltro csgo cs2 robux vbucks hypesquad mee6 fortnite pubg stearn rollbit sushiswap aave apecoin onchain qfs cardano hodl zksync airdrop walletcon crypto blockchain web3 metamask seedphrase " +
	"xpub rectif memecoin presale launchpad moderator- wallet walet nft dapp defi- token staking airdr migrate- resolver sushi eligib hypes moderator whitelist hypeteam hype-team hype-event hypeevent hypeacadem steamcom steamtrade steam-trade moderation-exam mod-exam mainnet")

// crypts are lures that are parts of honest words, too, like "eth" of "together": they count where a word begins or ends.
var crypts = strings.Fields("hype moderat steam pepe defi swap mint stake coin chain nodes node rpc resolv synchron sync protocol ledger migrat bridge layer dex eth btc meme solana validator " +
	"connect fix ecosystem collab")

// cheapEndings are endings under which addresses cost nothing or next to it.
var cheapEndings = set("xyz top click site online live club fun icu gq ml cf tk ga rest monster buzz cam bid gift gifts win loan work skin skins space website store vip pw su ru cc lol art app network finance " +
	"digital cloud link info tech pro world life today gdn quest cfd sbs best beauty hair makeup mom autos boats homes trade exchange money cash market ltd wtf host press fund zone events center")

// freeHosts are where anyone can put a page under the name of someone else.
var freeHosts = set("vercel.app pages.dev netlify.app web.app firebaseapp.com weebly.com github.io gitbook.io wixsite.com blogspot.com herokuapp.com repl.co glitch.me webflow.io square.site godaddysites.com pantheonsite.io " +
	"surge.sh onrender.com liveboard.space workers.dev r2.dev wordpress.com carrd.co replit.app fleek.co on-fleek.app host.app framer.website framer.app")

// executables are the endings of files that are run as soon as they are opened.
var executables = set("exe scr bat cmd msi apk jar vbs vbe ps1 pif hta lnk iso img dmg wsf cpl reg com.exe")

func set(list string) map[string]bool {
	m := map[string]bool{}
	for _, word := range strings.Fields(list) {
		m[word] = true
	}
	return m
}

// mistaken are letters that look like another one together.
var mistaken = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d", "nn", "m")

// alike is a name with everything merged that is easily mistaken for each other.
func alike(name string) string {
	name = mistaken.Replace(name)
	b := make([]byte, 0, len(name))
	for i := range len(name) {
		c := name[i]
		switch c {
		case '0':
			c = 'o'
		case '1', 'l', '!', '|', 'j':
			c = 'i'
		case '3':
			c = 'e'
		case '4':
			c = 'a'
		case '5', 'z':
			c = 's'
		case '8':
			c = 'b'
		case 'v':
			c = 'u'
		case 'q':
			c = 'g'
		}
		if len(b) == 0 || b[len(b)-1] != c {
			b = append(b, c)
		}
	}
	return string(b)
}

// near reports whether two names differ in no more than most letters put in, left out, changed or swapped.
func near(a, b string, most int) bool {
	if len(a) > maxName || len(b) > maxName || len(a)-len(b) > most || len(b)-len(a) > most {
		return false
	}
	var two, last, row [maxName + 1]int // the rows of the table of distances: the one before the last, the last, this one
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		smallest := i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(last[j]+1, row[j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], two[j-2]+1) //nolint:gosec // j is more than 1
			}
			smallest = min(smallest, row[j])
		}
		if smallest > most {
			return false
		}
		two, last = last, row
	}
	return last[len(b)] <= most
}

// maxName is the longest name that is compared.
const maxName = 40
