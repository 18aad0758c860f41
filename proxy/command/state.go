package command

import (
	"path/filepath"

	"github.com/urfave/cli/v2"

	"staleproof/proxy/state"
)

func stateFlag() cli.Flag {
	return &cli.StringFlag{Name: "state", Usage: "`DIR` that keeps what is created through CloudFront's API, invalidations and stored responses over a restart"}
}

// storeSpec is what stands behind memory: what --store says, or else a part of the
// directory that --state names.
func storeSpec(c *cli.Context) string {
	if dir := c.String("state"); dir != "" && c.String("store") == "" {
		return "disk:" + filepath.Join(dir, "responses")
	}
	return c.String("store")
}

// badStore is what --store, or --state in its place, cannot open.
func badStore(c *cli.Context, err error) error {
	if c.String("store") == "" {
		return Usagef("--state wants a directory of this program alone that it can write to", "--state: %w", err)
	}
	return Usagef("--store disk:DIR, leveldb:DIR, redis://HOST:PORT or memcached://HOST:PORT", "%w", err)
}

// openState opens the directory that --state names, if there is one.
func openState(c *cli.Context) (*state.Dir, error) {
	dir := c.String("state")
	if dir == "" {
		return nil, nil
	}
	d, err := state.Open(filepath.Join(dir, "resources"))
	if err != nil {
		return nil, Usagef("--state wants a directory of this program alone that it can write to", "--state: %w", err)
	}
	return d, nil
}
