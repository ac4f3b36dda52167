package screening

import (
	"slices"
	"strings"
)

// explain says to the writer what was found and what would help.
func explain(r Result) string {
	var sentences []string
	for _, category := range r.Categories {
		sentences = append(sentences, sentence(category, reasons(r.Findings, category)))
	}
	return strings.Join(sentences, " ")
}

// reasons are the different reasons for a category.
func reasons(found []Finding, category string) []string {
	var list []string
	for i := range found {
		if why := found[i].why; found[i].Category == category && why != "" && !slices.Contains(list, why) {
			list = append(list, why)
		}
	}
	return list
}

func sentence(category string, reasons []string) string {
	because := strings.Join(reasons, "; ")
	switch category {
	case Profanity:
		if because != "" {
			return "Please look at this text once more: " + because + "."
		}
		return "Some words in this text may hurt or offend. Please say it another way."
	case Harassment:
		return "This text may read as an attack on someone. Please say what you mean without insults or threats."
	case PersonalData:
		return "This text seems to contain " + enumerate(reasons) + ". Share it only with people you trust, and leave it out if it is not needed."
	case Spam:
		return "This text reads like advertising. Please write in your own words what you need or offer."
	case Scam:
		return "This text reads like a known fraud: " + because + "."
	}
	return "Please check the link: " + because + "."
}

// enumerate joins names as in a sentence.
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
