package command

import (
	"github.com/urfave/cli/v2"

	"staleproof/proxy/front"
)

func frontFlag() cli.Flag {
	return &cli.StringFlag{Name: "front", Usage: "`own|net/http`: what reads the viewers' requests; with net/http alone hits are slower, and malformed requests get its answers", Value: "own"}
}

// parseFront reads --front.
func parseFront(s string) (netHTTP bool, err error) {
	switch s {
	case "own":
		return false, nil
	case "net/http":
		return true, nil
	}
	return false, Usagef("--front own, or --front net/http", "--front %s is neither", s)
}

// front serves the viewers.
func (s *server) front() *front.Server {
	f := &front.Server{Hitter: s.network, Handler: s.network, Refuse: s.network.Refuse, SayKeepAlive: true, NetHTTP: s.netHTTP}
	s.timeouts.set(f)
	return f
}
