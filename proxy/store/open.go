package store

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/gregjones/httpcache"
	"github.com/gregjones/httpcache/diskcache"
	"github.com/gregjones/httpcache/leveldbcache"
	memcacheadapter "github.com/gregjones/httpcache/memcache"
	redisadapter "github.com/gregjones/httpcache/redis"
	"github.com/peterbourgon/diskv"
	"github.com/syndtr/goleveldb/leveldb"
)

// Open opens a store to stand behind memory. Spec is one of
//
//	memory:                         a map in this process, unbounded: for tests
//	disk:DIR                        a file for each value, synced; one program at a time
//	leveldb:DIR                     a LevelDB; one process at a time
//	redis://[user:password@]HOST:PORT[/DB]  any number of programs, with one list of invalidations
//	memcached://HOST:PORT[,HOST:PORT…]
//
// A memcached takes values up to its -I option, by default 1 MB: a larger response
// is not found again. What redis and memcached evict is a miss.
//
// The httpcache adapters swallow errors, so Open writes, reads back and deletes a
// probe, and is the only place where a store that does not work can be noticed.
// Later a failing store looks like misses. [CloseCache] closes what Open returns.
func Open(spec string) (httpcache.Cache, error) {
	kind, rest, ok := strings.Cut(spec, ":")
	open, known := kinds[kind]
	if !ok || !known {
		return nil, fmt.Errorf("store %q: unknown kind; use memory:, disk:DIR, leveldb:DIR, redis://HOST:PORT or memcached://HOST:PORT", redacted(spec))
	}
	c, err := open(spec, rest)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", redacted(spec), err)
	}
	if err := probe(c); err != nil {
		CloseCache(c)
		return nil, fmt.Errorf("store %s: %w", redacted(spec), err)
	}
	return c, nil
}

var kinds = map[string]func(spec, rest string) (httpcache.Cache, error){
	"memory":    openMemory,
	"disk":      openDisk,
	"leveldb":   openLevelDB,
	"redis":     openRedis,
	"memcached": openMemcached,
}

// CloseCache closes a store that [Open] returned. Others it leaves alone.
func CloseCache(c httpcache.Cache) error {
	if c, ok := c.(interface{ closeCache() error }); ok {
		return c.closeCache()
	}
	return nil
}

// closing is an adapter and how to close what it adapts.
type closing struct {
	httpcache.Cache
	close func() error
}

func (c closing) closeCache() error { return c.close() }

// shared is an adapter whose store holds the list of invalidations for several
// programs.
type shared struct {
	closing
	Journal
}

func redacted(spec string) string {
	if u, err := url.Parse(spec); err == nil {
		return u.Redacted()
	}
	if at := strings.LastIndexByte(spec, '@'); at >= 0 {
		return "…" + spec[at:]
	}
	return spec
}

func openMemory(_, rest string) (httpcache.Cache, error) {
	if rest != "" {
		return nil, fmt.Errorf("%q says nothing: a store in memory has no name", rest)
	}
	return httpcache.NewMemoryCache(), nil
}

// openDisk writes each value to a temporary file and renames it, and lets diskv
// keep no values in memory: its cache can end up with an old value after a write.
func openDisk(_, dir string) (httpcache.Cache, error) {
	if dir == "" {
		return nil, errors.New("no directory given; write disk:DIR")
	}
	temporary := filepath.Join(dir, "tmp")
	if err := os.MkdirAll(temporary, 0o700); err != nil {
		return nil, err
	}
	// Where this fails the adapter would fail silently.
	f, err := os.CreateTemp(temporary, "probe-*")
	if err != nil {
		return nil, err
	}
	f.Close()
	os.Remove(f.Name())
	return diskcache.NewWithDiskv(diskv.New(diskv.Options{
		BasePath:  dir,
		TempDir:   temporary,
		Transform: func(name string) []string { return []string{name[:2]} },
		PathPerm:  0o700,
		FilePerm:  0o600,
	})), nil
}

func openLevelDB(_, dir string) (httpcache.Cache, error) {
	if dir == "" {
		return nil, errors.New("no directory given; write leveldb:DIR")
	}
	db, err := leveldb.OpenFile(dir, nil)
	if err != nil {
		return nil, fmt.Errorf("%w; one process at a time may use it, and if it is damaged remove the directory: it is only a cache", err)
	}
	return closing{leveldbcache.NewWithDB(db), db.Close}, nil
}

func openRedis(spec, _ string) (httpcache.Cache, error) {
	pool, err := newRedisPool(spec)
	if err != nil {
		return nil, err
	}
	if _, err := pool.Do("PING"); err != nil {
		pool.Close()
		return nil, fmt.Errorf("%w; does a redis-server listen there, and does it want a password?", err)
	}
	return shared{closing{redisadapter.NewWithClient(pool), pool.Close}, redisJournal{pool}}, nil
}

// maxIdle is how many connections are kept for the next use.
const maxIdle = 16

func openMemcached(spec, rest string) (httpcache.Cache, error) {
	hosts, ok := strings.CutPrefix(rest, "//")
	if !ok || hosts == "" {
		return nil, errors.New("no server given; write memcached://HOST:PORT[,HOST:PORT…]")
	}
	var list memcache.ServerList
	if err := list.SetServers(strings.Split(strings.TrimSuffix(hosts, "/"), ",")...); err != nil {
		return nil, err
	}
	client := memcache.NewFromSelector(&list)
	client.Timeout, client.MaxIdleConns = 2*time.Second, maxIdle
	if err := client.Ping(); err != nil {
		client.Close()
		return nil, fmt.Errorf("%w; does a memcached listen there?", err)
	}
	return closing{memcacheadapter.NewWithClient(client), client.Close}, nil
}

// probe writes, reads back and deletes a value.
func probe(c httpcache.Cache) error {
	value := make([]byte, 64)
	rand.Read(value)
	key := "staleproof-probe-" + rand.Text()
	c.Set(key, value)
	back, ok := c.Get(key)
	c.Delete(key)
	_, still := c.Get(key)
	switch {
	case !ok:
		return errors.New("what is written cannot be read back; it may be full or read-only")
	case !bytes.Equal(back, value):
		return errors.New("what is read back is not what was written")
	case still:
		return errors.New("what is deleted is still there; it may be read-only")
	}
	return nil
}
