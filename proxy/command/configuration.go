package command

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"staleproof/proxy/distribution"
)

// parameterFlag is --parameter, which commands that read a configuration have. It is
// no slice, since the values of lists hold commas.
func parameterFlag() cli.Flag {
	return &cli.GenericFlag{Name: "parameter", Value: &distribution.Parameters{}, Usage: "`NAME=VALUE` of a parameter of a CloudFormation template, AWS::Region among them; may be repeated"}
}

func importsFlag() cli.Flag {
	return &cli.StringFlag{Name: "imports", Usage: "`FILE` with the exports that Fn::ImportValue names: a map, or what aws cloudformation list-exports prints"}
}

// readOptions are what the flags say beside the files of a configuration.
func readOptions(c *cli.Context) (o distribution.Options, err error) {
	if p, ok := c.Generic("parameter").(*distribution.Parameters); ok {
		o.Parameters = *p
	}
	file := c.String("imports")
	if file == "" {
		return o, nil
	}
	sources, err := distribution.Load(openFile, file)
	if err == nil && len(sources) == 1 {
		o.Imports, err = distribution.ReadImports(sources[0])
	}
	if err != nil {
		return o, hinted("--imports wants a file like {export-name: value}", fmt.Errorf("read the imports: %w", err))
	}
	return o, nil
}

// readConfiguration reads the distributions that files and flags describe.
func readConfiguration(c *cli.Context, files []string) ([]*distribution.Distribution, []distribution.Note, error) {
	return readAgain(c, files, nil)
}

// readAgain is readConfiguration where ids stay as they were at first.
func readAgain(c *cli.Context, files []string, first map[string][sha256.Size]byte) ([]*distribution.Distribution, []distribution.Note, error) {
	options, err := readOptions(c)
	if err != nil {
		return nil, nil, err
	}
	options.First = first
	sources, err := distribution.Load(openFile, files...)
	if err != nil {
		return nil, nil, hinted("name readable files, or a folder that cdk synth wrote", fmt.Errorf("read the configuration: %w", err))
	}
	ds, notes, err := options.ReadSources(sources)
	if err != nil {
		return nil, nil, hinted("docs/configuration.md has every setting", err)
	}
	return ds, notes, nil
}

// hinted is a mistake in the asking, with a hint unless the mistakes have their own.
func hinted(hint string, err error) error {
	if strings.Contains(err.Error(), "hint: ") {
		hint = ""
	}
	return Usagef(hint, "%w", err)
}

func openFile(name string) (fs.File, error) { return os.Open(name) }
