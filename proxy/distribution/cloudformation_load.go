package distribution

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Bounds on what is read of a folder, such as cdk.out. A manifest holds the
// construct tree beside the stacks, so that it may be larger than a template.
const (
	maxManifestBytes = 32 << 20
	maxFolderEntries = 10_000
	maxTemplates     = 200 // of one folder
	maxAssemblies    = 8   // one within the other
)

// Open opens a file or a folder by name, as os.Open does; a folder must be a
// [fs.ReadDirFile].
type Open func(name string) (fs.File, error)

// Load reads the files that are named. A name may be that of a folder: then it is
// the cloud assembly that cdk synth writes (cdk.out), and the templates that its
// manifest.json names are read, or without a manifest all *.template.json in it.
// Nothing is read beyond the size that [ReadSources] takes.
func Load(open Open, names ...string) ([]Source, error) {
	var sources []Source
	for _, name := range names {
		f, err := open(name)
		if err != nil {
			return nil, err
		}
		found, err := loaded(open, f, name)
		f.Close()
		if err != nil {
			return nil, err
		}
		sources = append(sources, found...)
	}
	return sources, nil
}

func loaded(open Open, f fs.File, name string) ([]Source, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		a := assembly{open: open}
		return a.folder(f, name, 0)
	}
	b, err := bounded(mostOf(f))
	if err != nil {
		return nil, Errors{located(name, err)}
	}
	return []Source{{Name: name, Data: b}}, nil
}

// bounded reads a file that is no larger than most.
func bounded(f io.Reader, most int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = &Error{What: fmt.Sprintf("larger than the %d MiB that are read of a file", most>>20)}
	}
	return b, err
}

// assembly reads what cdk synth writes. [CFG-26]
type assembly struct{ open Open }

func (a assembly) folder(f fs.File, name string, depth int) ([]Source, error) {
	if depth > maxAssemblies {
		return nil, Errors{{File: name, What: fmt.Sprintf("more than %d assemblies within each other", maxAssemblies)}}
	}
	at := path.Join(name, "manifest.json")
	m, err := a.read(at, maxManifestBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return a.withoutManifest(f, name)
	case err != nil:
		return nil, err
	}
	var manifest struct {
		Artifacts map[string]artifact `json:"artifacts"`
	}
	if err := json.Unmarshal(m, &manifest); err != nil {
		return nil, Errors{{File: at, What: "not a manifest: " + err.Error(), Hint: "run cdk synth again"}}
	}
	var ids []string
	for id := range manifest.Artifacts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var sources []Source
	for _, id := range ids {
		found, err := a.artifact(manifest.Artifacts[id], id, name, depth)
		if err != nil {
			return nil, err
		}
		if sources = append(sources, found...); len(sources) > maxTemplates {
			return nil, tooManyTemplates(name)
		}
	}
	if len(sources) == 0 {
		return nil, Errors{{File: at, What: "no stack in it", Hint: "run cdk synth again, or name the template"}}
	}
	return sources, nil
}

func tooManyTemplates(folder string) error {
	return Errors{{File: folder, What: fmt.Sprintf("more than %d templates", maxTemplates), Hint: "name those that are meant"}}
}

// artifact is an entry of a manifest: a stack, a further assembly (of a stage), or
// something of no concern, such as the list of assets.
type artifact struct {
	Type        string `json:"type"`
	Environment string `json:"environment"` // aws://account/region
	Properties  struct {
		TemplateFile  string            `json:"templateFile"`
		StackName     string            `json:"stackName"`
		DirectoryName string            `json:"directoryName"`
		Parameters    map[string]string `json:"parameters"`
	} `json:"properties"`
}

func (a assembly) artifact(art artifact, id, folder string, depth int) ([]Source, error) {
	p := art.Properties
	file := p.TemplateFile
	switch art.Type {
	case "aws:cloudformation:stack":
	case "cdk:cloud-assembly":
		file = p.DirectoryName
	default:
		return nil, nil
	}
	if !fs.ValidPath(file) { // a manifest names only what stands beside it
		return nil, Errors{{File: path.Join(folder, "manifest.json"), Path: join("artifacts", id), What: fmt.Sprintf("%q is no file of this folder", file)}}
	}
	at := path.Join(folder, file)
	if art.Type == "cdk:cloud-assembly" {
		f, err := a.open(at)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return a.folder(f, at, depth+1)
	}
	b, err := a.read(at, maxJSONBytes)
	if err != nil {
		return nil, err
	}
	stack := Stack{Name: p.StackName, Parameters: p.Parameters}
	if stack.Name == "" {
		stack.Name = id
	}
	if account, region, ok := strings.Cut(strings.TrimPrefix(art.Environment, "aws://"), "/"); ok {
		stack.Account, stack.Region = known(account), known(region)
	}
	return []Source{{Name: at, Data: b, Stack: stack}}, nil
}

// known is "" for the unknown-account and unknown-region of stacks that are bound
// to none.
func known(s string) string {
	if strings.HasPrefix(s, "unknown-") {
		return ""
	}
	return s
}

// withoutManifest reads the templates of a folder by their names.
func (a assembly) withoutManifest(f fs.File, name string) ([]Source, error) {
	dir, ok := f.(fs.ReadDirFile)
	if !ok {
		return nil, Errors{{File: name, What: "a folder that cannot be listed"}}
	}
	entries, err := dir.ReadDir(maxFolderEntries)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var sources []Source
	slices.SortFunc(entries, func(x, y fs.DirEntry) int { return strings.Compare(x.Name(), y.Name()) })
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".template.json") {
			continue
		}
		at := path.Join(name, e.Name())
		b, err := a.read(at, maxJSONBytes)
		if err != nil {
			return nil, err
		}
		if sources = append(sources, Source{Name: at, Data: b}); len(sources) > maxTemplates {
			return nil, tooManyTemplates(name)
		}
	}
	if len(sources) == 0 {
		return nil, Errors{{File: name, What: "a folder without manifest.json or *.template.json", Hint: "give the folder that cdk synth writes (cdk.out), or name the files"}}
	}
	return sources, nil
}

func (a assembly) read(name string, most int64) ([]byte, error) {
	f, err := a.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := bounded(f, most)
	if err != nil {
		return nil, Errors{located(name, err)}
	}
	return b, nil
}
