package command

import (
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"staleproof/proxy/distribution"
	"staleproof/proxy/front"
)

// mostPatience is the longest that --viewer-timeout can be.
const mostPatience = 24 * time.Hour

func viewerTimeoutFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "viewer-timeout", Usage: "`KIND=TIME`: how long a viewer may keep the server waiting: idle=60s before a request, head=10s for its head, body=30s for its body, write=30s for taking the answer; may be repeated"}
}

// timeouts are a front's; zero: its own.
type timeouts struct{ idle, head, body, write time.Duration }

// parseTimeouts reads --viewer-timeout.
func parseTimeouts(words []string) (t timeouts, err error) {
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		which := map[string]*time.Duration{"idle": &t.idle, "head": &t.head, "body": &t.body, "write": &t.write}[name]
		if which == nil {
			return t, Usagef("--viewer-timeout idle=60s, head=10s, body=30s or write=30s", "--viewer-timeout %s: there is no %q", word, name)
		}
		d, err := distribution.ParseDuration(value)
		if err != nil {
			return t, Usagef("--viewer-timeout "+name+"=30s", "--viewer-timeout %s: %w", word, err)
		}
		if d < time.Second || d > mostPatience {
			return t, Usagef("--viewer-timeout "+name+"=30s", "--viewer-timeout %s: want 1s to 24h", word)
		}
		*which = d
	}
	return t, nil
}

// set sets them on f.
func (t timeouts) set(f *front.Server) {
	f.IdleTimeout, f.ReadHeaderTimeout, f.BodyTimeout, f.WriteTimeout = t.idle, t.head, t.body, t.write
}
