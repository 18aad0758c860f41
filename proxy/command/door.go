package command

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"staleproof/proxy"
	"staleproof/proxy/control"
	"staleproof/proxy/fault"
)

// answerTimeout is how long a client may take for an answer of the control door.
// Events have a deadline for each.
const answerTimeout = 60 * time.Second

// doorParts are what only the control door changes or listens to.
type doorParts struct {
	faults fault.Set
	feed   proxy.Feed
	hosts  []string // of --control-host
}

func controlHostFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "control-host", Usage: "`NAME` under which the control door may be called, beside loopback and its own address; may be repeated"}
}

// parseControlHosts reads --control-host.
func parseControlHosts(names []string) ([]string, error) {
	for _, name := range names {
		if name == "" || strings.ContainsAny(name, "/:@ \t") {
			return nil, Usagef("--control-host staleproof.test", "--control-host %q is no name of a host: want it alone, without http:// and port", name)
		}
	}
	return names, nil
}

// join makes the network's Config have them.
func (p *doorParts) join(c *proxy.Config) { c.Faults, c.Feed = &p.faults, &p.feed }

// server is the server of the control door. Who listens to events is told to go when
// it is shut down.
func (p *doorParts) server(d *control.Door) *http.Server {
	d.Faults, d.Feed, d.Hosts = &p.faults, &p.feed, p.hosts
	srv := &http.Server{Handler: d.Handler(), ReadHeaderTimeout: headTimeout, IdleTimeout: idleTimeout, ReadTimeout: headTimeout, WriteTimeout: answerTimeout}
	srv.RegisterOnShutdown(func() { p.feed.Close() })
	return srv
}

// listenControl refuses an address without a host: it would mean all addresses,
// which has to be said.
func listenControl(address string) (net.Listener, error) {
	if host, port, err := net.SplitHostPort(address); err == nil && host == "" {
		return nil, Usagef("--control 127.0.0.1:"+port+", or 0.0.0.0:"+port+" if other machines are meant to reach it",
			"--control %s: an address without a host is all addresses of this machine", address)
	}
	return listen("control", address)
}

// announceControl says where the door is, and aloud when others can reach it.
func announceControl(w io.Writer, at net.Addr) {
	fmt.Fprintf(w, "control on http://%s\n", at)
	if tcp, ok := at.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		fmt.Fprintf(w, "WARNING: the control door is open to other machines: whoever reaches %s can see and change everything here\n", at)
	}
	fmt.Fprintln(w)
}
