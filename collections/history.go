package collections

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

// Stored rows show when they were stored. For data with a past, such as the sample data of `demo`, the
// functions here set the dates afterwards.

// Backdate sets an earlier creation time, which takes effect when the record is saved.
func Backdate(of core.RecordProxy, at time.Time) {
	record := of.ProxyRecord()
	for _, name := range []string{"created_at", "updated_at"} {
		if record.Collection().Fields.GetByName(name) != nil {
			record.SetRaw(name, store.DateTime(at))
		}
	}
}
