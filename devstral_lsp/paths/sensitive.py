"""Files that tools run or obey without being asked.

Editing one is more than changing text: it may run on the user's machine or a build server, with
their keys, before anyone has read it. The table is grouped by tool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from devstral_lsp.paths.names import canonicalize

_PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        "git obeys it or runs it": """
            .git/ .gitattributes .gitmodules .gitconfig .gitignore .mailmap gitconfig
            gitattributes .hgrc hgrc .hg/
            """,
        "git runs it as a hook": """
            .githooks/ .git-hooks/ .git_hooks/ githooks/ git-hooks/ git_hooks/ .hooks/
            .husky/ .huskyrc* .lefthook/ .lefthook-local/ lefthook.* lefthook-local.*
            .lefthook.* .lefthook-local.* .pre-commit-config.yaml .pre-commit-hooks.yaml
            .overcommit.yml .lintstagedrc* lint-staged.config.* prek.toml
            .captainhook.json captainhook.json .simple-git-hooks.* simple-git-hooks.*
            pre-commit-config.* pre-commit-hooks.* pre_gen_project.* post_gen_project.*
            pre_prompt.*
            """,
        "continuous integration runs it": """
            .github/ .gitlab/ .gitea/ .forgejo/ .circleci/ .buildkite/ .woodpecker/
            .semaphore/ .azure-pipelines/ .azuredevops/ azure-pipelines/ .teamcity/
            .tekton/ .drone/ .harness/ .builds/ .gitlab-ci* *.gitlab-ci.yml
            azure-pipelines* .travis.yml .drone.* .woodpecker.* .cirrus.*
            bitbucket-pipelines.yml appveyor.yml .appveyor.yml cloudbuild*.yaml
            cloudbuild*.yml cloudbuild*.json buildspec*.yml buildspec*.yaml circle.yml
            codefresh.yml wercker.yml screwdriver.yaml jenkinsfile* *.jenkinsfile
            .build.yml taskcluster.yml .taskcluster.yml renovate.json renovate.json5
            .renovaterc* codeowners dangerfile* earthfile .readthedocs.* readthedocs.yml
            sweep.yaml gitlab-ci* gitlab-ci/ *.gitlab-ci.yaml buildkite.y* action.yml
            action.yaml bitrise.yml bitrise.yaml codemagic.yaml codeship-*.yml
            shippable.yml scrutinizer.yml bamboo-specs/ bamboo.yml bamboo.yaml zuul.yaml
            zuul.d/ prow.yaml bors.toml kokoro/ vsts-ci.yml lgtm.yml evergreen.yml
            evergreen.yaml *.gocd.yaml sonar-project.properties codecov.yml mergify.yml
            dependabot.yml dependabot.yaml danger.ts *.cm *cloudbuild.yaml
            *cloudbuild.yml ci_scripts/ jenkins.yaml
            """,
        "a hosting service runs its commands when it deploys": """
            procfile* vercel.json now.json netlify.toml fly.toml render.yaml wrangler.*
            serverless.yml serverless.yaml app.json app.yaml firebase.json railway.json
            railway.toml amplify.yml .platform.app.yaml .ebextensions/ .platform/
            skaffold.yaml tiltfile heroku.yml nixpacks.toml apprunner.yaml fly.*.toml
            tiltfile* *.tiltfile skaffold.yml serverless.* helmfile.* helmfile.d/
            kustomization.* chart.yaml pulumi.*yaml cdk.json samconfig.* terragrunt.hcl
            terraform.rc garden.yml okteto.yml devspace.yaml devfile.yaml azure.yaml
            acornfile dagger.json smithery.yaml playbook.yml playbook.yaml uwsgi.ini
            supervisord.conf overmindfile mprocs.yaml process-compose.*
            """,
        "VS Code runs its tasks and obeys its settings": """
            .vscode/ .vscode-test* *.code-workspace .devcontainer/ .devcontainer.json
            devcontainer.json tasks.vs.json launch.vs.json .theia/ .gitpod.yml
            """,
        "an editor runs it or obeys its settings": """
            .idea/ .run/ .fleet/ .zed/ .vs/ .settings/ .helix/ .nvim/ .vim/ .emacs.d/
            .kakrc .nova/ .nvim.lua .nvimrc .exrc _exrc .vimrc _vimrc .gvimrc _gvimrc
            .lvimrc .local.vimrc .vim-bookmarks .ycm_extra_conf.py .dir-locals.el
            .dir-locals-2.el .projectile .emacs .editorconfig .neoconf.json
            .nlsp-settings/ .lazy.lua .luarc.json .project.vim *.sublime-project
            *.sublime-workspace .sublime/ .clangd .ccls .kateproject init.vim init.el
            early-init.el vimrc gvimrc exrc ftplugin/ ftdetect/ *.sublime-build
            *.sublime-settings *.sublime-keymap *.rproj replit.nix pyrightconfig.json
            """,
        "an assistant obeys it": """
            agents.md agents.override.md agent.md claude.md claude.local.md gemini.md
            qwen.md copilot.md warp.md skill.md conventions.md .cursorrules
            .windsurfrules .clinerules* .roorules* .goosehints .rules .claude/ .cursor/
            .windsurf/ .codex/ .gemini/ .continue/ .clinerules/ .roo/ .kiro/ .junie/
            .aider* .agents/ .agent/ .amazonq/ .augment/ .opencode/ .qwen/ .trae/
            .mcp.json mcp.json opencode.json crush.json copilot-instructions.md
            *.instructions.md *.prompt.md *.chatmode.md *.agent.md codex.md crush.md
            iflow.md replit.md grok.md *.mdc memory-bank/ mcp.jsonc mcp.yaml mcp.toml
            mcp_config.json mcp-config.json mcp_settings.json mcp-servers.json
            claude_desktop_config.json opencode.jsonc firebender.json copilot-*.md
            """,
        "devstral-lsp obeys its settings": ".devstral.toml",
        "the shell runs it at start": """
            .bashrc .bash_profile .bash_login .bash_logout .bash_aliases .profile
            .zshenv .zshrc .zprofile .zlogin .zlogout .kshrc .cshrc .tcshrc .login
            .logout .shrc .inputrc .xprofile .xinitrc .xsession .xsessionrc .envrc
            .autoenv.zsh config.fish profile.ps1 *_profile.ps1 .env.fish mise.toml
            mise.*.toml .mise* .tool-versions .rtx.toml devbox.json devenv.nix
            devenv.yaml .screenrc .tmux.conf bashrc bash_profile zshrc zshenv zprofile
            inputrc tmux.conf direnvrc direnv.toml profile.d/ bash_completion.d/
            *.plugin.zsh *.zsh-theme mise/
            """,
        "a debugger runs it at start": """
            .gdbinit .lldbinit .radare2rc .pdbrc .byebugrc .pryrc gdbinit lldbinit
            __lldb_init__.py *-gdb.py *-gdb.gdb *-gdb.scm
            """,
        "pytest imports it": "conftest.py pytest.ini .pytest.ini pytest.toml .pytest.toml",
        "Python runs it at start": """
            sitecustomize.py usercustomize.py *.pth pyvenv.cfg python*._pth .pythonrc*
            .pythonstartup ipython_config.py jupyter_*config.py .ipython/ .jupyter/
            """,
        "Python's build and test tools run it": """
            setup.py setup.cfg pyproject.toml tox.ini tox.toml noxfile.py fabfile.py
            dodo.py hatch.toml hatch_build.py pdm_build.py build_hooks.py conf.py
            mkdocs.yml mkdocs.yaml mypy.ini .mypy.ini pylintrc .pylintrc .coveragerc
            .flake8 gunicorn.conf.py asv.conf.json wscript sconstruct sconscript
            meson.build pants.toml manifest.in fabfile/ locustfile.py pavement.py
            doit.cfg invoke.yaml behave.ini ruff.toml pylintrc.toml wscript_build
            meson_options.txt meson.options site_scons/ gunicorn_config.py
            celeryconfig.py alembic.ini airflow.cfg snakefile* *.smk nextflow.config
            dvc.yaml mlproject dbt_project.yml cookiecutter.json copier.yml copier.yaml
            pydistutils.cfg distutils.cfg
            """,
        "pip installs and runs what it names": """
            requirements*.txt requirements*.in constraints*.txt *requirements.txt
            pipfile pipfile.lock poetry.lock uv.lock uv.toml pdm.lock pylock*.toml
            environment.yml environment.yaml conda.yml pixi.toml pixi.lock pip.conf
            pip.ini .condarc meta.yaml recipe.yaml spack.yaml spack.lock site-packages/
            dist-packages/
            """,
        "npm runs its scripts": """
            package.json package.json5 package.yaml binding.gyp *.gyp *.gypi bower.json
            .bowerrc lerna.json nx.json project.json turbo.json rush.json
            command-line.json deno.json deno.jsonc bunfig.toml angular.json
            .angular-cli.json wireit.json node_modules/ bower_components/ nodemon.json
            pm2.json moon.yml biome.json biome.jsonc tauri.conf.json tauri.toml
            electron-builder.*
            """,
        "npm installs and runs what it names": """
            package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml
            pnpm-workspace.yaml pnpmfile.* bun.lock bun.lockb deno.lock .npmrc .yarnrc*
            .yarn/ .pnp.* .pnpmfile.* .nvmrc .node-version .noderc npmrc
            """,
        "a JavaScript tool loads it": """
            *.config.js *.config.cjs *.config.mjs *.config.ts *.config.cts *.config.mts
            *.config.jsx *.config.tsx *.conf.js *.conf.cjs *.conf.mjs *.conf.ts
            *.setup.js *.setup.cjs *.setup.mjs *.setup.ts setuptests.*
            vitest.workspace.* webpackfile.* gulpfile.* gruntfile.* jakefile*
            brunch-config.* ember-cli-build.* webpack.*.js vite.*.js vite.*.ts
            rollup.*.js next.config.* nuxt.config.* babel.config.* jest.config.*
            vitest.config.* eslint.config.* prettier.config.* karma.conf.* .eslintrc*
            .prettierrc* .babelrc* .stylelintrc* .mocharc* .nycrc* .swcrc .postcssrc*
            .browserslistrc .huskyrc* .commitlintrc* .releaserc* .czrc .syncpackrc*
            .parcelrc .taprc .c8rc* .ncurc* .swc/ .storybook/ instrumentation.ts
            instrumentation.js tsconfig*.json jsconfig*.json cypress.json plopfile.*
            knexfile.* app.config.* *.setup.jsx *.setup.tsx *.setup.mts *.setup.cts
            jest-setup.* setup-jest.* jest.*.js test-setup.* setup-tests.* globalsetup.*
            global-setup.* globalteardown.* global-teardown.* mocha.opts gatsby-*.js
            gatsby-*.ts typedoc.* jsdoc.json codegen.yml codegen.ts ormconfig.* knip.*
            wallaby.* proxy.conf.json *.tsconfig.json dprint.json oxlint*.json
            """,
        "cargo runs it when it builds": """
            build.rs cargo.toml cargo.lock .cargo/ rust-toolchain rust-toolchain.toml
            rust-project.json
            """,
        "Go builds what it names": """
            go.mod go.sum go.work go.work.sum magefile.go goreleaser.* air.toml
            modd.conf golangci.*
            """,
        "Gradle, Maven, sbt or Ant runs it when it builds": """
            *.gradle *.gradle.kts *.gradle.dcl gradle.properties gradlew* gradle/
            buildsrc/ .gradle/ pom.xml mvnw* .mvn/ build.xml ivy.xml *.sbt build.sc
            build.mill project.clj deps.edn bb.edn shadow-cljs.edn build.boot
            libs.versions.toml build-logic/ *.main.kts lombok.config jbang-catalog.json
            profiles.clj build.clj user.clj tests.edn local.properties build.properties
            """,
        "make runs it": """
            makefile makefile.* *.makefile gnumakefile bsdmakefile *.mk *.mak justfile
            .justfile *.just taskfile.* maskfile.md runfile build.ninja makefile-*
            makefile_* gnumakefile.* *.make makevars* runfile.* kbuild kconfig* tupfile
            tuprules.tup robofile jamroot* jamfile* *.jam snakefile*
            """,
        "CMake or a configure script runs it when it builds": """
            cmakelists.txt *.cmake cmakepresets.json cmakeuserpresets.json configure
            configure.ac configure.in autogen.sh bootstrap.sh *.m4 makefile.pl build.pl
            cpanfile sitecustomize.pl *.pro *.pri *.qbs xmake.lua premake*.lua
            conanfile.* vcpkg.json *.cabal cabal.project* setup.hs stack.yaml
            package.yaml hie.yaml dune dune-project *.opam dub.json dub.sdl *.nimble
            *.nims nim.cfg build.zig build.zig.zon rebar.config* mix.exs mix.lock
            config.exs runtime.exs test_helper.exs .formatter.exs .iex.exs shard.yml
            *.rockspec latexmkrc .latexmkrc project.toml build.jl startup.jl .rprofile
            rprofile.site renviron.site .renviron cmakelists.txt.in configure.sh
            configure.win configure.ucrt config.guess config.sub dev.exs prod.exs
            test.exs setup.lhs shakefile.hs opam _tags myocamlbuild.ml nakefile.nim
            lakefile.* lean-toolchain elm.json spago.* alire.toml *.gpr gleam.toml v.mod
            dist.ini minil.toml foreman.toml aftman.toml rokit.toml wally.toml
            *.project.json renv/ renv.lock _targets.r cask eask eldev keg
            """,
        "Bazel, Buck or Nix runs it when it builds": """
            build build.bazel workspace workspace.bazel workspace.bzlmod module.bazel
            *.bzl .bazelrc .bazeliskrc .bazelversion buck buck2 .buckconfig* flake.nix
            flake.lock default.nix shell.nix guix.scm manifest.scm channels.scm *.nix
            *.bazel *.bazelrc build.plz *.gn *.gni
            """,
        "Ruby's tools run it": """
            rakefile* *.rake gemfile gemfile.lock gems.rb gems.locked *.gemspec thorfile
            guardfile capfile berksfile fastfile appfile brewfile podfile podfile.lock
            *.podspec cartfile .rspec .rubocop.yml .pryrc .irbrc .bundle/ spec_helper.rb
            rails_helper.rb test_helper.rb matchfile gymfile deliverfile scanfile
            snapfile pluginfile fastlane/ steepfile appraisals config.ru puma.rb
            unicorn.rb mintfile dangerfile*
            """,
        "Composer or PHP runs it": """
            composer.json composer.lock php.ini .user.ini .htaccess phpunit.xml
            phpunit.xml.dist phpstan.neon phpstan.neon.dist .php-cs-fixer* artisan
            phpunit.*.xml rector.php ecs.php castor.php deploy.php phinx.php
            robofile.php behat.yml behat.yaml codeception.yml grumphp.yml psalm.xml
            psalm.xml.dist autoload.php
            """,
        "Xcode or Swift runs it when it builds": """
            package.swift package.resolved *.xcodeproj/ *.xcworkspace/ *.xcscheme
            *.pbxproj *.xcconfig project.yml pubspec.yaml pubspec.lock cartfile.resolved
            tuist/ tuist.swift project.swift workspace.swift *.entitlements
            pubspec_overrides.yaml build.yaml analysis_options.yaml dart_test.yaml
            melos.yaml
            """,
        "MSBuild or Visual Studio runs it when it builds": """
            *.csproj *.vbproj *.fsproj *.vcxproj *.proj *.props *.targets *.sln *.slnx
            nuget.config global.json *.rsp packages.config packages.lock.json web.config
            *.sqlproj *.wixproj *.shproj *.esproj *.pyproj *.njsproj *.dcproj *.wapproj
            *.vcproj *.ilproj *.projitems *.user *.tasks *.runsettings *.pubxml *.nuspec
            *.ruleset *.tt *.asmdef *.uproject *.uplugin *.build.cs *.target.cs
            *.gdextension project.godot
            """,
        "Docker or Vagrant runs it when it builds": """
            dockerfile dockerfile.* dockerfile-* *.dockerfile containerfile
            containerfile.* docker-compose* compose.yml compose.yaml compose.*.yml
            compose.*.yaml docker-bake.* .dockerignore vagrantfile packer.json *.pkr.hcl
            ansible.cfg dockerfile_* compose-*.yml compose-*.yaml docker-stack*
            """,
        "the desktop or the system runs it": """
            *.desktop *.service *.timer *.socket crontab *.cron cron.d/ autorun.inf
            desktop.ini *.lnk *.url *.scf *.library-ms *.search-ms *.reg *.inf
            authorized_keys known_hosts .ssh/ *.webloc *.fileloc *.inetloc *.terminal
            *.command launchagents/ launchdaemons/ *.plist *.mobileconfig *.path *.mount
            *.automount *.target *.crontab crontab.* anacrontab cron.hourly/ cron.daily/
            cron.weekly/ cron.monthly/ autostart/ init.d/ rc.local rc.d/ sudoers
            sudoers.d/ pam.d/ *.rules binfmt.d/ modprobe.d/ tmpfiles.d/ sysctl.conf
            ld.so.* *.jnlp *.application *.settingcontent-ms *.applescript
            """,
        "a packager runs it when it builds or installs": """
            debian/ snap/ snapcraft.yaml pkgbuild apkbuild *.ebuild *.spec *.pkgbuild
            *.slackbuild *.flatpakref
            """,
        "Windows starts it by its name, before its own programs": """
            *.bat *.cmd *.ps1 *.psm1 *.vbs *.vbe *.wsf *.wsh *.jse *.hta *.msc
            """,
    }
)
"""By reason, lower case, the names of files; with "/" at the end those of folders. One "*" at most.

Sources: the manuals of the tools named, and what GitHub's Linguist, VS Code's "sensitive files" and
gitignore.io list as configuration.
"""

_DOT = "it is hidden, and tools obey hidden files by themselves"
_HOOK = "git runs it as a hook"
_PROGRAM = "it is a program, which others start by its name"

_GIT_HOOKS = """
    applypatch-msg pre-applypatch post-applypatch pre-commit pre-merge-commit prepare-commit-msg
    commit-msg post-commit pre-rebase post-checkout post-merge pre-push pre-receive update
    proc-receive post-receive post-update reference-transaction push-to-checkout pre-auto-gc
    post-rewrite sendemail-validate fsmonitor-watchman p4-changelist p4-prepare-changelist
    p4-post-changelist p4-pre-submit post-index-change
    """
_HOOKS = frozenset(_GIT_HOOKS.split())
"""githooks(5). `core.hooksPath` can name any folder of a project."""
_HOOKS_ANYWHERE = _HOOKS - {"update"}
_HOOK_FOLDER = "hooks"


class _Table:
    """The patterns of files or of folders, prepared for lookups."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        self._exact: dict[str, str] = {}
        self._affixes: list[tuple[str, str, str]] = []
        for pattern, reason in rows:
            start, star, end = pattern.partition("*")
            if star:
                self._affixes.append((start, end, reason))
            else:
                self._exact.setdefault(pattern, reason)

    def reason(self, name: str) -> str:
        """Why the name is in the table; "" if it is not."""
        if exact := self._exact.get(name):
            return exact
        for start, end, reason in self._affixes:
            longer = len(name) >= len(start) + len(end)
            if longer and name.startswith(start) and name.endswith(end):
                return reason
        return ""


_ROWS = [(each, reason) for reason, names in _PATTERNS.items() for each in names.split()]
_FOLDERS = _Table((each[:-1], reason) for each, reason in _ROWS if each.endswith("/"))
_FILES = _Table((each, reason) for each, reason in _ROWS if not each.endswith("/"))


def why_sensitive(path: str) -> str:
    """Which tool runs or obeys this file without being asked, as a clause: "pytest imports it"; ""
    if none does.

    `path` is relative to the workspace folder or the repository, with "/" or backslashes. Paths
    that some file system treats as equal give the same result.
    """
    parts = canonicalize(path)
    if not parts:
        return ""
    *folders, name = parts
    found = next(filter(None, map(_FOLDERS.reason, parts)), "") or _FILES.reason(name)
    if found:
        return found
    if _is_hook(folders, name):
        return _HOOK
    return _DOT if any(each.startswith(".") and each != ".." for each in parts) else ""


def _is_hook(folders: list[str], name: str) -> bool:
    """Whether git would run it if its folder were configured for hooks."""
    stem = name.partition(".")[0]
    return stem in _HOOKS_ANYWHERE or (name in _HOOKS and _HOOK_FOLDER in folders)


def why_program(text: str, mode: int | None) -> str:
    """Why a file with this text is a program, "" if it is none.

    `mode` are its permissions (`st_mode`), None for a new file. They are ignored on file systems
    that give every file all permissions.
    """
    if text.startswith("#!"):
        return _PROGRAM
    if mode is None or not mode & 0o111 or mode & 0o777 == 0o777:
        return ""
    return _PROGRAM
