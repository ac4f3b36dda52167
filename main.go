package main

import (
	_ "github.com/ganigeorgiev/fexpr"
	_ "github.com/pocketbase/pocketbase"
	_ "github.com/pocketbase/pocketbase/plugins/jsvm"
	_ "github.com/pocketbase/pocketbase/plugins/migratecmd"
	_ "github.com/pocketbase/pocketbase/tests"
	_ "github.com/rivo/uniseg"
	_ "golang.org/x/crypto/chacha20poly1305"
	_ "golang.org/x/text/unicode/norm"
	_ "golang.org/x/time/rate"
	_ "golang.org/x/sys/unix"
	_ "modernc.org/sqlite"
)

func main() {}
