// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of cimc/driver/output.c in the current folder: nothing before the
// commit, everything after it, and a process killed in between.
#include "cimc/driver/output.h"

#include "dialect/diag.h"
#include "test/cimc/import/starve.h"
#include "test/runtime/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int count_files(void) {
  int count = 0;
  DIR *folder = opendir(".");
  assert_non_null(folder);
  for (struct dirent *at = readdir(folder); at; at = readdir(folder))
    count += strcmp(at->d_name, ".") != 0 && strcmp(at->d_name, "..") != 0;
  closedir(folder);
  return count;
}

static void assert_content(const char *path, const char *text) {
  char found[64] = "";
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  found[fread(found, 1, sizeof found - 1, file)] = 0;
  fclose(file);
  assert_string_equal(found, text);
}

static void a_file_appears_with_the_commit(void **state) {
  (void)state;
  cimc_output output;
  assert_int_equal(cimc_output_stage("new", "whole", 5, &output), 0);
  assert_int_equal(access("new", F_OK), -1);
  assert_int_equal(cimc_output_commit(&output), 0);
  assert_content("new", "whole");
  assert_int_equal(count_files(), 1);
  unlink("new");
}

static void a_replaced_file_keeps_its_mode(void **state) {
  (void)state;
  assert_true(cimc_output_write("old", "one", 3));
  assert_int_equal(chmod("old", 0600), 0);
  assert_int_equal(symlink("old", "link"), 0);
  assert_true(cimc_output_write("link", "two", 3));
  assert_content("old", "two");
  struct stat status;
  assert_int_equal(lstat("old", &status), 0);
  assert_int_equal(status.st_mode & 0777, 0600);
  assert_int_equal(lstat("link", &status), 0);
  assert_true(S_ISLNK(status.st_mode));
  assert_int_equal(count_files(), 2);
  unlink("old");
  unlink("link");
}

static void discarding_leaves_nothing(void **state) {
  (void)state;
  cimc_output output;
  assert_int_equal(cimc_output_stage("gone", "x", 1, &output), 0);
  cimc_output_discard(&output);
  assert_int_equal(count_files(), 0);
}

// Where the file system has O_TMPFILE.
static void a_killed_process_leaves_nothing(void **state) {
  (void)state;
  int unnamed = open(".", O_TMPFILE | O_WRONLY, 0600);
  if (unnamed < 0)
    skip();
  close(unnamed);
  pid_t child = fork();
  if (child == 0) {
    cimc_output output;
    cimc_output_stage("killed", "x", 1, &output);
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status));
  assert_int_equal(count_files(), 0);
}

static void errors_have_their_number(void **state) {
  (void)state;
  cimc_output output;
  assert_int_equal(cimc_output_stage(".", "x", 1, &output), EISDIR);
  assert_int_equal(cimc_output_stage("no/such", "x", 1, &output), ENOENT);
  assert_int_equal(cimc_output_stage("/dev/full", "x", 1, &output), 0);
  assert_int_equal(cimc_output_commit(&output), ENOSPC);
  assert_int_equal(count_files(), 0);
}

// Where another way is left, the file is written by it; else nothing is left
// behind but the old content, and the error is reported once.
static void every_allocation_may_fail(void **state) {
  (void)state;
  assert_true(cimc_output_write("old", "one", 3));
  assert_int_equal(symlink("old", "link"), 0);
  static const char *const paths[] = {"new", "old", "link"};
  for (int i = 0; i < 3; i++) {
    long failures = 0;
    for (long count = 0, go_on = 1; go_on; count++) {
      unsigned errors = cimc_diag_error_count();
      starve_after(count);
      bool written = cimc_output_write(paths[i], "two", 3);
      go_on = starve_happened();
      starve_after(-1);
      failures += !written;
      assert_int_equal(cimc_diag_error_count() - errors, !written);
      assert_int_equal(starve_live(), 0);
      assert_true(written || go_on);
      if (i == 0)
        assert_int_equal(access("new", F_OK), written ? 0 : -1);
      else
        assert_content("old", written ? "two" : "one");
      unlink("new");
      assert_int_equal(count_files(), 2);
      assert_true(cimc_output_write("old", "one", 3));
    }
    assert_true(failures > 0);
  }
  unlink("old");
  unlink("link");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_appears_with_the_commit),
      cmocka_unit_test(a_replaced_file_keeps_its_mode),
      cmocka_unit_test(discarding_leaves_nothing),
      cmocka_unit_test(a_killed_process_leaves_nothing),
      cmocka_unit_test(errors_have_their_number),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
