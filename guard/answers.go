package guard

import (
	"errors"
	"net/http"
	"syscall"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"

	"carecollective/internal/answer"
)

// mapErrors completes error answers: the headers of a limit, 507 while nothing can be
// stored, and what to do if PocketBase only says that something went wrong.
func mapErrors(e *core.RequestEvent) error {
	err := answer.Middleware(e)
	if err == nil {
		return nil
	}
	if !reads(e.Request) && StorageFailed(err) {
		return router.NewApiError(http.StatusInsufficientStorage,
			"Nothing can be stored at the moment. Nothing was lost; please try again later.", err)
	}
	api := router.ToApiError(err)
	if api.Status == http.StatusBadRequest && api.Message == saysNothing {
		api.Message = whatToFix(api)
		return api
	}
	return err
}

// saysNothing is PocketBase's sentence for an invalid request.
var saysNothing = router.NewBadRequestError("", nil).Message

func whatToFix(api *router.ApiError) string {
	if len(api.Data) == 0 {
		return "The request cannot be read. Check it and send it again."
	}
	return "Correct the fields named in data and send it again."
}

// The primary codes with which SQLite says that it cannot store.
const (
	sqliteReadOnly = 8
	sqliteIOError  = 10
	sqliteFull     = 13
	sqliteCantOpen = 14
)

// StorageFailed reports whether err comes from a disk that is full, broken or read-only.
func StorageFailed(err error) bool {
	for _, cause := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO} {
		if causedBy(err, func(err error) bool { return errors.Is(err, cause) }) {
			return true
		}
	}
	return causedBy(err, func(err error) bool {
		switch code, _ := sqliteCode(err); code & 0xff {
		case sqliteReadOnly, sqliteIOError, sqliteFull, sqliteCantOpen:
			return true
		}
		return false
	})
}

func sqliteCode(err error) (int, bool) {
	var coded interface {
		error
		Code() int
	}
	if errors.As(err, &coded) {
		return coded.Code(), true
	}
	return 0, false
}

// causedBy asks about err and about the cause that an ApiError carries but does not unwrap.
func causedBy(err error, is func(error) bool) bool {
	if is(err) {
		return true
	}
	var api *router.ApiError
	if !errors.As(err, &api) {
		return false
	}
	cause, ok := api.RawData().(error)
	return ok && cause != nil && causedBy(cause, is)
}
