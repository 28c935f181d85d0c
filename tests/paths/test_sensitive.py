"""Which files a machine runs or obeys by itself, in every spelling, and which it does not."""

from __future__ import annotations

import pytest

from devstral_lsp.paths.sensitive import why_program, why_sensitive

SENSITIVE = {
    "continuous integration": [
        ".github/workflows/x.yml", ".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml",
        "Jenkinsfile", ".travis.yml", "bitbucket-pipelines.yml", ".drone.yml", "appveyor.yml",
        "cloudbuild.yaml", "buildspec.yml", "deep/down/.github/actions/a/action.yml", "CODEOWNERS",
        "ci/release.gitlab-ci.yml", "Jenkinsfile.release",
    ],
    "hook": [
        ".husky/pre-commit", ".githooks/x", "lefthook.yml", ".pre-commit-config.yaml",
        "hooks/pre-push", "scripts/post-checkout.sh", "git-hooks/any", "hooks/update",
    ],
    "git": [".gitattributes", ".gitmodules", "sub/.gitattributes", ".gitconfig", ".git"],
    "VS Code": [".vscode/tasks.json", "x.code-workspace", ".devcontainer/devcontainer.json"],
    "editor": [".idea/x.xml", ".nvim.lua", ".exrc", ".vimrc", ".dir-locals.el", "_vimrc"],
    "pytest": ["conftest.py", "tests/deep/conftest.py", "pytest.ini"],
    "at start": ["sitecustomize.py", "usercustomize.py", "x.pth", ".bashrc", ".envrc", ".zshenv"],
    "Python": ["setup.py", "setup.cfg", "pyproject.toml", "tox.ini", "noxfile.py"],
    "pip": ["requirements.txt", "requirements-dev.txt", "Pipfile", "uv.lock"],
    "npm": ["package.json", "pkg/package.json", "package-lock.json", ".npmrc", ".pnpmfile.cjs"],
    "JavaScript": [
        "webpack.config.js", "vite.config.ts", "jest.config.cjs", ".eslintrc.js", "next.config.mjs",
        "prettier.config.js", "gulpfile.js", "tsconfig.json", "karma.conf.js",
    ],
    "builds": [
        "build.rs", "Cargo.toml", ".cargo/config.toml", "go.mod", "build.gradle", "settings.gradle",
        "build.gradle.kts", "gradlew", "mvnw.cmd", "pom.xml", "CMakeLists.txt", "Dockerfile",
        "docker-compose.yml", "Vagrantfile", "App.csproj", "Directory.Build.props", "Package.swift",
        "BUILD.bazel", "flake.nix", "mix.exs",
    ],
    "make": ["Makefile", "GNUmakefile", "Justfile", "Taskfile.yml", "rules.mk"],
    "Ruby": ["Rakefile", "Gemfile", "x.gemspec"],
    "PHP": ["composer.json", ".user.ini"],
    "assistant": ["AGENTS.md", "CLAUDE.md", ".cursorrules", ".claude/a.json", "src/AGENTS.md"],
    "devstral-lsp": [".devstral.toml"],
    "hidden": [".foo", ".unheard-of/x.py", "a/.b/c.txt"],
    "the desktop or the system": ["evil.desktop", "x.service", "autorun.inf"],
}  # fmt: skip
LESS_KNOWN = [
    ("continuous integration", (
        "action.yml gitlab-ci.yml templates/x.gitlab-ci.yaml bitrise.yml codemagic.yaml "
        "bamboo-specs/a.yml zuul.d/jobs.yaml ci_scripts/ci_post_clone.sh .forgejo/workflows/x.yml "
        ".woodpecker.yml .buildkite/pipeline.yml Earthfile Jenkinsfile.groovy renovate.json "
        "mergify.yml "
    )),
    ("hook", "hooks/post_gen_project.py pre-commit-config.yaml .pre-commit-hooks.yaml"),
    ("git", ".hg/hgrc hgrc"),
    ("editor", "init.vim ftplugin/python.vim x.sublime-build .zed/tasks.json .fleet/run.json"),
    ("at start", "bashrc profile.d/x.sh x.plugin.zsh mise.toml mise/config.toml"),
    ("a debugger", "x-gdb.py gdbinit .lldbinit"),
    ("Python", (
        "fabfile/__init__.py locustfile.py Snakefile site_scons/site_init.py hatch_build.py "
        "meson_options.txt MANIFEST.in wscript "
    )),
    ("pip", "recipe/meta.yaml site-packages/x.py"),
    ("npm", "node_modules/x/index.js nodemon.json lerna.json nx.json turbo.json"),
    ("JavaScript", (
        "jest.setup.tsx setup-jest.ts globalSetup.ts gatsby-node.js codegen.ts mocha.opts "
        "jest.polyfills.js .swcrc "
    )),
    ("builds", (
        "overlay.nix x.gn REPO.bazel x.user x.sqlproj x.tt x.main.kts lombok.config "
        "local.properties build-logic/src/x.kt project/build.properties opam lakefile.lean "
        "renv/activate.R x.uplugin x.Build.cs project.godot build.yaml analysis_options.yaml "
        "Tuist/Config.swift compose-dev.yaml Dockerfile_dev "
    )),
    ("deploys", (
        "fly.staging.toml Tiltfile.dev helmfile.d/a.yaml kustomization.yaml Pulumi.dev.yaml "
        "serverless.ts devfile.yaml Procfile vercel.json netlify.toml "
    )),
    ("make", "Makevars Kbuild Tupfile rules.make Makefile-dev GNUmakefile.local"),
    ("Ruby", "fastlane/Matchfile config.ru config/puma.rb Matchfile .irbrc"),
    ("PHP", "artisan phpunit.dist.xml rector.php vendor/autoload.php"),
    ("assistant", "x.mdc mcp_config.json codex.md memory-bank/a.md opencode.jsonc"),
    ("the desktop or the system", "x.plist x.path cron.daily/x autostart/x x.crontab x.rules"),
    ("a packager", "debian/rules PKGBUILD x.spec snap/snapcraft.yaml"),
    ("Windows starts it", "git.bat x.cmd x.ps1 x.vbs x.hta"),
]  # fmt: skip
"""The same of rarer tools: what they are told by, and paths with blanks between."""
ROWS = [(path, words) for words, paths in SENSITIVE.items() for path in paths]
ROWS += [(path, words) for words, paths in LESS_KNOWN for path in paths.split()]


@pytest.mark.parametrize(("path", "words"), ROWS)
def test_it_is_told_who_runs_or_obeys_a_file(path: str, words: str) -> None:
    assert words in why_sensitive(path)


@pytest.mark.parametrize(("path", "words"), ROWS)
def test_no_spelling_gets_around_it(path: str, words: str) -> None:
    spellings = (
        path.upper(), path.replace("/", "\\"), f"{path}.", f"{path} ", f"{path}::$DATA",
        f"./{path}", f"{path[0]}\u200c{path[1:]}", path.replace("/", "./"),
    )  # fmt: skip
    assert {words in why_sensitive(each) for each in spellings} == {True}


ORDINARY = [
    "a.py", "src/app.ts", "README.md", "docs/guide.md", "tests/test_a.py", "src/hooks/useFoo.ts",
    "main.go", "lib/a.rb", "include/x.h", "src/main/java/A.java", "styles/a.css", "index.html",
    "data.json", "config/settings.py", "user.service.ts", "Makefile.md/x.py", "tuple.py", "update",
    "celery/tasks.py", "src/update.rs", "src/init.lua", "src/configure.ts", "app/main.tf",
    "lib/build.js", "src/middleware.ts", "src/user.ts", "pages/action.ts", "src/profile.py",
    "src/plugin/a.py", "app/workflows/a.py", "src/environment.py", "docs/memory.md", "src/rules.py",
    "src/target.rs", "src/path.rs", "lib/snap.rb", "lib/boot/a.rb", "src/project.rs", "app/jest.py",
    "manage.py", "app/__init__.py", "package/a.py", "", "..",
]  # fmt: skip


@pytest.mark.parametrize("path", ORDINARY)
def test_ordinary_sources_are_no_such_files(path: str) -> None:
    assert why_sensitive(path) == ""


@pytest.mark.parametrize(
    ("text", "mode", "is_program"),
    [
        ("#!/bin/sh\n", None, True),
        ("#!/bin/sh\n", 0o100644, True),
        ("echo\n", 0o100755, True),
        ("echo\n", 0o100644, False),
        ("x = 1\n", None, False),
        ("x = 1\n", 0o100777, False),
    ],
)
def test_a_program_is_known_by_its_first_line_or_its_permissions(
    text: str, mode: int | None, is_program: bool
) -> None:
    assert bool(why_program(text, mode)) is is_program
