package command

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"staleproof/proxy"
	"staleproof/proxy/control"
)

// The door says something every 15 s; who hears nothing for lifeTimeout gives up. A
// line of a stream is at most maxLineBytes long.
const (
	lifeTimeout  = 45 * time.Second
	maxLineBytes = 1 << 20
)

func eventsCommand() *cli.Command {
	return &cli.Command{
		Name: "events", Usage: "show live what a running staleproof answers, and why; Ctrl-C ends it",
		UsageText: "staleproof events\n   staleproof events --url '/api/*' --result Miss\n   staleproof events --kind replied,refused --json",
		Flags: []cli.Flag{
			controlFlag(),
			&cli.BoolFlag{Name: "json", Usage: "print each event as a line of JSON, with all it has"},
			&cli.StringFlag{Name: "kind", Usage: "`KINDS` of events, separated by commas, or all: arrived, joined, fetching, replied, stored, refused, answered, warned, invalidated, lost, reset",
				Value: "answered,warned,invalidated,lost,reset"},
			&cli.StringFlag{Name: "url", Usage: "`PATTERN` with * and ?, of path and query; without a leading slash of host, path and query"},
			&cli.StringFlag{Name: "distribution", Usage: "`ID`"},
			&cli.StringFlag{Name: "result", Usage: "`RESULT`: Hit, RefreshHit, Miss, Error or Redirect"},
			&cli.StringFlag{Name: "pop", Usage: "edge location, by `NUMBER` from 1 or by name"},
		},
		Action: events,
	}
}

func events(c *cli.Context) error {
	if err := NoFlagsAfter(c); err != nil {
		return err
	}
	if c.NArg() > 0 {
		return Usagef("staleproof events --url '"+c.Args().First()+"'", "events takes no arguments, but there is %q", c.Args().First())
	}
	query := url.Values{}
	for _, name := range []string{"kind", "url", "distribution", "result", "pop"} {
		if v := c.String(name); v != "" && v != "all" {
			query.Set(name, v)
		}
	}
	ctx, stop := signal.NotifyContext(c.Context, os.Interrupt, syscall.SIGTERM)
	defer stop()
	alive, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	res, err := reach(alive, c, http.MethodGet, "events?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	life := time.AfterFunc(lifeTimeout, func() { giveUp(errNoLife) })
	defer life.Stop()
	show := showTable(c.App.Writer)
	if c.Bool("json") {
		show = func(_ string, data []byte) error { _, err := fmt.Fprintf(c.App.Writer, "%s\n", data); return err }
	}
	err = readEvents(res.Body, func() { life.Reset(lifeTimeout) }, show)
	switch {
	case ctx.Err() != nil: // Ctrl-C
		return nil
	case alive.Err() != nil:
		return fmt.Errorf("listen to %s: %w", door(c), context.Cause(alive))
	case err != nil:
		return fmt.Errorf("listen to %s: %w", door(c), err)
	}
	fmt.Fprintf(c.App.ErrWriter, "staleproof: the server at %s has stopped\n", door(c))
	return nil
}

var errNoLife = errors.New("it has said nothing for " + lifeTimeout.String())

// readEvents reads server-sent events to their end; heard is called for each line.
func readEvents(r io.Reader, heard func(), show func(name string, data []byte) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLineBytes)
	name := ""
	for lines.Scan() {
		heard()
		line := lines.Text()
		if rest, ok := strings.CutPrefix(line, "event: "); ok {
			name = rest
		} else if data, ok := strings.CutPrefix(line, "data: "); ok {
			if err := show(name, []byte(data)); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

// Widths of the table's columns. What is longer moves the rest of its line.
const eventRow = "%-12s  %-8s  %-11s  %3s  %-7s  %-40s  %s\n"

// showTable prints a line for each event, under one head.
func showTable(w io.Writer) func(name string, data []byte) error {
	began := false
	return func(name string, data []byte) error {
		if !began {
			began = true
			fmt.Fprintf(w, eventRow, "TIME", "EDGE", "RESULT", "", "METHOD", "URL", "WHY")
		}
		if name == "dropped" {
			var d control.Dropped
			if err := json.Unmarshal(data, &d); err != nil {
				return err
			}
			_, err := fmt.Fprintf(w, "… %d events were too fast for this terminal and are not shown\n", d.Dropped)
			return err
		}
		var ev control.Event
		if err := json.Unmarshal(data, &ev); err != nil {
			return err
		}
		_, err := io.WriteString(w, eventLine(&ev))
		return err
	}
}

// eventLine is an event as a line of the table.
func eventLine(ev *control.Event) string {
	what, why, status := string(ev.Result), string(ev.Reason), ""
	if ev.Kind != proxy.Answered {
		what, why = string(ev.Kind), ev.Detail
	} else if ev.Detail != "" {
		why += ": " + ev.Detail
	}
	if why == "" {
		why = string(ev.Reason)
	}
	if ev.Fault != "" {
		why = strings.TrimPrefix(why+", ", ", ") + "fault " + ev.Fault
	}
	if ev.Row != "" {
		why += " [" + ev.Row + "]"
	}
	if ev.Status != 0 {
		status = fmt.Sprint(ev.Status)
	}
	return fmt.Sprintf(eventRow, ev.At.Format("15:04:05.000"), ev.POP, what, status, ev.Method, plain(ev.URL), plain(why))
}

// plain is s without what a terminal would obey.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}
