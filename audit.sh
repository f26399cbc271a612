#!/usr/bin/env bash
# Known vulnerabilities in what the project depends on, transitively: NuGet and npm. Fails where there are any, and where the
# registries have no data to tell: a package that is known to be vulnerable must be found first.
set -euo pipefail
cd "$(dirname "$0")"

probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
cat >"$probe/probe.csproj" <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup>
  <ItemGroup><PackageReference Include="Newtonsoft.Json" Version="12.0.3" /></ItemGroup>
</Project>
PROJECT
dotnet restore "$probe" >/dev/null
if ! dotnet list "$probe" package --vulnerable | grep -q GHSA-5crp-9r3c-p9vr; then
  echo "The NuGet sources have no vulnerability data (Newtonsoft.Json 12.0.3 is not reported): nothing can be said." >&2
  exit 2
fi

found=0
report=$(dotnet list BulkQA.sln package --vulnerable --include-transitive)
echo "$report"
if grep -q "has the following vulnerable packages" <<<"$report"; then found=1; fi
for folder in tests/emulators deploy; do
  (cd $folder && npm audit) || found=1
done
exit $found
